// Cards of a board go into another lane: dragged, or by Shift with an arrow on the focused card. What the verb asks for it asks in its
// dialog; where it asks for nothing it is done at once. Without this file the menu of a card does the same.
const board = document.querySelector("[data-board]");
const lanes = [...board.querySelectorAll("[data-lane]")];
let dragged = null;

const put = (card, lane) => {
  const step = lane?.dataset.lane;
  if (!card?.dataset.move || !step || card.closest("[data-lane]") === lane) return;
  const next = location.pathname + location.search, free = card.dataset.free.split(" ").includes(step);
  const address = `${card.dataset.move}?step=${step}&next=${encodeURIComponent(next)}`;
  if (free) window.htmx.ajax("POST", card.dataset.move, { target: "#ask", swap: "innerHTML", values: { step, next } });
  else window.htmx.ajax("GET", address, { target: "#ask", swap: "innerHTML" });
};
const over = (lane) => lanes.forEach((one) => one.classList.toggle("over", one === lane));

board.addEventListener("dragstart", (e) => {
  dragged = e.target.closest?.("[data-move]");
  if (dragged) e.dataTransfer.setData("text/plain", dragged.dataset.row);
});
board.addEventListener("dragover", (e) => {
  const lane = e.target.closest("[data-lane]");
  if (!dragged || !lane) return;
  e.preventDefault();
  over(lane);
});
board.addEventListener("drop", (e) => {
  e.preventDefault();
  put(dragged, e.target.closest("[data-lane]"));
});
board.addEventListener("dragend", () => { dragged = null; over(null); });

board.addEventListener("keydown", (e) => {
  const card = e.target.closest("[data-row]");
  if (!card || e.ctrlKey || e.altKey || e.metaKey || e.target.closest("details")) return;
  const lane = card.closest("[data-lane]"), at = lanes.indexOf(lane), cards = [...lane.querySelectorAll("[data-row]")], place = cards.indexOf(card);
  const aside = { ArrowLeft: -1, ArrowRight: 1 }[e.key], along = { ArrowUp: -1, ArrowDown: 1 }[e.key];
  if (!aside && !along) return;
  e.preventDefault();
  if (aside && e.shiftKey) { put(card, lanes[at + aside]); return; }
  let to = cards[place + along];
  for (let i = at + aside; aside && !to && lanes[i]; i += aside) {
    const there = [...lanes[i].querySelectorAll("[data-row]")];
    to = there[Math.min(place, there.length - 1)];
  }
  to?.querySelector("a")?.focus();
});
