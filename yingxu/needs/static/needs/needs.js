// What only the screens of needs want: the preview, ready-made words and @colleagues in the composer.
(() => {
  const on = (what, fn, more) => document.addEventListener(what, fn, more);
  const $ = (q, within = document) => within.querySelector(q);

  // preview: a press on a row, up and down, shut
  const show = (row) => {
    const link = row && $(".subject a[data-preview]", row), pane = link && $(link.dataset.previewInto);
    if (!pane || getComputedStyle(pane).display === "none") return false;
    document.querySelectorAll("tr[data-row].open").forEach((r) => r.classList.remove("open"));
    row.classList.add("open");
    row.scrollIntoView({ block: "nearest" });
    window.htmx.ajax("GET", link.dataset.preview, { target: link.dataset.previewInto, swap: "innerHTML" });
    return true;
  };
  on("click", (e) => {
    const row = e.target.closest("tr[data-row]");
    if (row && !e.target.closest("a, button, input, label")) show(row);
    const step = e.target.closest("[data-step]");
    if (step) {
      const all = [...document.querySelectorAll("tr[data-row]")], at = all.findIndex((r) => r.classList.contains("open"));
      show(all[Math.min(Math.max(at + +step.dataset.step, 0), all.length - 1)]);
    }
    const shut = e.target.closest("[data-shut]");
    if (shut) document.getElementById(shut.dataset.shut)?.replaceChildren();
  });

  // words that go into the text: ready-made ones, a number, @somebody
  const put = (field, words, from = field.selectionStart) => {
    const to = field.selectionEnd ?? field.value.length, start = from ?? field.value.length;
    field.setRangeText(words, start, to, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  on("click", (e) => {
    const el = e.target.closest("[data-insert], [data-put]");
    if (!el) return;
    const form = el.closest("form") ?? $("form.composer"), into = el.dataset.into;
    const field = into ? form.elements[into] : $("textarea", form);
    if (el.dataset.put) { field.value = el.dataset.put; field.focus(); return; }
    const colons = /::\S*$/.exec(field.value.slice(0, field.selectionStart));
    const called = el.getAttribute("role") === "option" && /@[^\s@]*$/.exec(field.value.slice(0, field.selectionStart));
    put(field, el.dataset.insert, (called || colons)?.index ?? field.selectionStart);
    el.closest("details")?.removeAttribute("open");
    shutList();
    if (el.dataset.insert === "@") ask("");
  });

  // R answers the customer, I writes a note
  on("keydown", (e) => {
    const audience = { r: "reply", i: "internal" }[e.key.toLowerCase()];
    if (!audience || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || document.body.dataset.letterKeys === "off") return;
    if (e.target.closest("input, textarea, select, dialog") || $("dialog[open]")) return;
    const choice = $(`form.composer [value=${audience}]`);
    if (choice) { e.preventDefault(); choice.click(); $("textarea", choice.form).focus(); }
  });

  const list = () => document.getElementById("mentions");
  const shutList = () => { const l = list(); if (l) { l.hidden = true; l.replaceChildren(); } };
  let asked = 0;
  const ask = async (text) => {
    const mine = ++asked, l = list();
    if (!l || !text) return shutList();
    const answer = await fetch(`${l.dataset.url}?mention=${encodeURIComponent(text)}`, { credentials: "same-origin" });
    if (mine !== asked || !answer.ok) return;
    l.innerHTML = await answer.text();
    l.hidden = !l.childElementCount;
  };
  on("input", (e) => {
    if (!e.target.matches("form.composer textarea") || e.isComposing) return;
    const before = e.target.value.slice(0, e.target.selectionStart);
    const called = /@([^\s@]{1,20})$/.exec(before);
    ask(called ? called[1] : "");
    if (/(^|\s)::$/.test(before)) { const quick = $("details[data-quick]", e.target.form); quick.open = true; $("button", quick)?.focus(); }
  });
  on("keydown", (e) => {
    const l = list();
    if (!l || l.hidden || !e.target.matches("form.composer textarea") || e.isComposing) return;
    const items = [...l.children], at = items.findIndex((i) => i.ariaSelected === "true"), step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (e.key === "Escape") { e.preventDefault(); shutList(); }
    else if (step) { e.preventDefault(); items[at].ariaSelected = "false"; items[(at + step + items.length) % items.length].ariaSelected = "true"; }
    else if (["Enter", "Tab"].includes(e.key) && !e.ctrlKey) { e.preventDefault(); items[Math.max(at, 0)].click(); }
  }, true);
  on("change", (e) => {
    if (e.target.matches("[data-files]")) $("[data-chosen]", e.target.form).textContent = [...e.target.files].map((f) => f.name).join("、");
  });

  // a file comes down and the page stays: its form may be sent again
  on("submit", (e) => {
    if (e.target.matches("[data-again]") || e.submitter?.matches("[data-again]")) setTimeout(() => { delete e.target.dataset.sent; e.submitter?.removeAttribute("aria-busy"); }, 1000);
  });
})();
