// Passkeys: the device answers the server's question; this only carries both. A form says data-passkey="create" or "get" and, in
// data-options, where the question comes from; without a browser that can, it stays hidden and the rest of the page does.
const can = window.PublicKeyCredential?.parseCreationOptionsFromJSON;
const ways = {
  create: (asked) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) }),
  get: (asked) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) }),
};
const said = (form, text) => { form.querySelector("[data-said]").textContent = text; };
function say(form, text) {
  delete form.dataset.sent;  // it was not sent, so it may be pressed again
  form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  said(form, text);
}
async function ask(form) {
  said(form, "");
  try {
    const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
    const question = await answer.json();
    if (!answer.ok) return say(form, question.said);
    form.elements.answer.value = JSON.stringify((await ways[form.dataset.passkey](question.publicKey)).toJSON());
    form.submit();
  } catch { say(form, form.dataset.failed); }
}
for (const form of can ? document.querySelectorAll("form[data-passkey]") : []) {
  form.hidden = false;
  form.addEventListener("submit", (e) => { e.preventDefault(); ask(form); });
}
if (can) for (const note of document.querySelectorAll("[data-no-passkeys]")) note.hidden = true;
