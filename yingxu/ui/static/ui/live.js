// The heartbeat of a desk page: asks what changed since it was drawn. Only while somebody looks, more rarely while nothing answers,
// and never under the hand: what has the focus stays as it is until the next time.
const $ = (q, within = document) => within.querySelector(q);
const on = (what, fn) => document.addEventListener(what, fn);
const heart = $("#heart"), now = () => Date.now();
let timer, asking = false, asked = 0, answered = now(), missed = 0, typed = 0, showing = false;

const writing = () => now() - typed < 8000;
const pace = () => missed ? Math.min(10 * 2 ** missed, 300) : writing() || $("#here > *") ? 5 : $("[data-live=news]") ? 10 : 20;
const next = () => { clearTimeout(timer); if (!document.hidden) timer = setTimeout(beat, pace() * (900 + 200 * Math.random())); };
const beat = async () => {
  if (document.hidden || asking) return;
  asking = true;
  asked = now();
  const body = new URLSearchParams(new FormData($("#act")));
  document.querySelectorAll("[data-live]").forEach((el) => body.set(el.dataset.live, el.dataset.mark));
  if (writing()) body.set("typing", "1");
  try {
    const answer = await fetch(heart.dataset.url, { method: "POST", body, headers: { "HX-Request": "true", "HX-Current-URL": location.pathname + location.search } });
    if (answer.status === 401) { location.href = answer.headers.get("HX-Redirect"); return; }
    if (answer.status === 200) show(await answer.text());
    missed = answer.ok ? 0 : missed + 1;
    if (answer.ok) answered = now();
  } catch { missed += 1; }
  asking = false;
  heart.hidden = missed < 3;
  if (!heart.hidden) heart.textContent = heart.dataset.silent.replace("#", new Date(answered).toTimeString().slice(0, 5));
  next();
};
const soon = () => { if (now() - asked > 2000) { clearTimeout(timer); beat(); } };

const busy = (el) => el.contains(document.activeElement) || $("details[open]", el);
const show = (html) => {
  window.htmx.swap(document.body, html, { swapStyle: "none" }, { contextElement: document.body });
  const news = $("#news .newer"), story = news?.closest(".story")?.querySelector(".from-end");
  if (story && story.scrollTop > -24 && getSelection().isCollapsed && !story.contains(document.activeElement)) window.htmx.trigger(news.closest(".news"), "show");  // reading at the end
};
on("htmx:oobBeforeSwap", (e) => {
  const el = e.detail.target;
  if (el.matches?.("[data-live]") ? el.contains(document.activeElement) : showing && el.matches?.("#case, #side") && busy(el)) e.detail.shouldSwap = false;
});
on("htmx:beforeRequest", (e) => { if (e.target.matches(".news")) showing = true; });
on("htmx:afterRequest", (e) => { if (e.target.matches(".news")) showing = false; });
on("htmx:afterSettle", () => $("[data-live=news]") && soon());
on("input", (e) => { if (e.target.closest("form[data-typed]") && $("[data-live=here]")) { const first = !writing(); typed = now(); if (first) soon(); } });
on("submit", (e) => { if (e.target.matches("form[data-typed]")) typed = 0; });
on("visibilitychange", () => document.hidden ? clearTimeout(timer) : soon());
window.addEventListener("pageshow", () => soon());
beat();
