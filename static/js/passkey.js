/* <button data-passkey="create" data-passkey-options="..."> has the browser make a passkey, "get" has it use one. What
   the browser says goes into the field `credential` of the button's form, which is then sent. */

const DEAD_END = "That did not work. Nothing was changed. Try again.";
const WORDS = {
  AbortError: "No passkey was used. Try again when you are ready.",
  InvalidStateError: "This device has a passkey for your account already.",
  NotAllowedError: "No passkey was used. Try again when you are ready.",
  SecurityError: `Browsers keep passkeys for https addresses and for localhost only, not for ${location.hostname}.`,
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
