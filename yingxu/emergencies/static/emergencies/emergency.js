// What only the page of an emergency wants: dialogs fetched by htmx, the countdown by the second, a line sent by Enter.
(() => {
  const on = (what, fn, more) => document.addEventListener(what, fn, more);
  const $$ = (q, within = document) => [...within.querySelectorAll(q)];

  // a form that came as a dialog opens at once; when it shuts it is gone
  on("htmx:afterSwap", (e) => {
    const dialog = e.detail.target?.querySelector?.("dialog[data-modal]");
    if (!dialog || dialog.open) return;
    dialog.showModal();
    if (!dialog.querySelector("[data-errors]")) dialog.querySelector(".body :is(input:not([type=hidden]), textarea, select)")?.focus();
  });
  on("close", (e) => { if (e.target.matches?.("dialog[data-modal]")) e.target.remove(); }, true);

  // data-left: seconds until the customers must hear from us, counted from when the page (or its part) was drawn
  const two = (n) => String(n).padStart(2, "0");
  const spelt = (seconds) => {
    const left = Math.abs(seconds), hours = Math.floor(left / 3600), rest = left % 3600;
    return (hours ? `${hours}:` : "") + `${two(Math.floor(rest / 60))}:${two(rest % 60)}`;
  };
  const seen = new WeakMap();
  const tick = () => $$("[data-left]").forEach((el) => {
    if (!seen.has(el)) seen.set(el, Date.now());
    const left = el.dataset.left - Math.floor((Date.now() - seen.get(el)) / 1000), text = (left < 0 ? el.dataset.over : "") + spelt(left);
    if (el.textContent === text) return;
    el.textContent = text;
    const next = el.closest(".next"), ring = next?.querySelector("circle:last-child");
    ring?.setAttribute("stroke-dasharray", `${Math.max(0, Math.min(100, Math.round((100 * left) / el.dataset.total)))} 100`);
  });
  setInterval(tick, 1000);
  on("htmx:load", tick);

  // sent: the field is empty again, and nothing else on the page lost its place
  on("htmx:afterRequest", (e) => {
    const form = e.target.closest?.("form.quick");
    if (form && e.detail.successful) { form.reset(); form.elements.text.value = ""; form.elements.text.focus(); }
  });
})();
