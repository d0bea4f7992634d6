// A form that htmx fetched as a dialog opens at once; when it shuts it is gone.
document.addEventListener("htmx:afterSwap", (e) => {
  const dialog = e.detail.target?.querySelector("dialog[data-modal]");
  if (!dialog || dialog.open) return;
  dialog.showModal();
  if (!dialog.querySelector("[data-errors]")) dialog.querySelector(".body :is(input:not([type=hidden]), textarea, select)")?.focus();
});
document.addEventListener("close", (e) => { if (e.target.matches?.("dialog[data-modal]")) e.target.remove(); }, true);
