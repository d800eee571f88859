/* <button data-passkey="create" data-passkey-options="..."> asks the browser to create a passkey; "get" asks for one.
   The result goes into the field `credential` of the button's form, which is then sent. */

const DEAD_END = "Something went wrong. Nothing was changed. Try again.";
const WORDS = {
  AbortError: "No passkey was used. Try again when you're ready.",
  InvalidStateError: "This device already has a passkey for your account.",
  NotAllowedError: "No passkey was used. Try again when you're ready.",
  SecurityError: `Browsers allow passkeys only for https addresses and localhost, not for ${location.hostname}.`,
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-passkey]");
  if (!button) return;
  const { form } = button;
  const trouble = form.querySelector("[data-passkey-trouble]");
  trouble.textContent = "";
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    trouble.textContent = window.isSecureContext ? "This browser is too old for passkeys." : WORDS.SecurityError;
    return;
  }
  button.disabled = true;
  try {
    const credential = await ask(button.dataset.passkey, JSON.parse(button.dataset.passkeyOptions).publicKey);
    form.elements.credential.value = JSON.stringify(credential);
    form.requestSubmit();
  } catch (error) {
    trouble.textContent = WORDS[error.name] ?? DEAD_END;
  } finally {
    button.disabled = false;
  }
});

async function ask(way, options) {
  if (way === "create") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return navigator.credentials.get({ publicKey });
}
