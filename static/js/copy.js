/* <button data-copy-from="#link"> copies a field's value, and <button data-copy-text="..."> copies its own text. */

import { announce } from "./announce.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-from], [data-copy-text]");
  if (!button) return;
  const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
  const text = button.dataset.copyText ?? source?.value ?? source?.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    confirm(button);
  } catch {
    // Browsers have no clipboard at an insecure address. Select the text, ready to copy.
    source?.select?.();
    announce("Press Ctrl+C or Command+C to copy");
  }
});

function confirm(button) {
  const label = button.querySelector("[data-copy-label]") ?? button;
  button.dataset.before ??= label.textContent;
  button.dataset.copied = "";
  label.textContent = "Copied";
  announce("Copied");
  clearTimeout(button.timer);
  button.timer = setTimeout(() => {
    label.textContent = button.dataset.before;
    delete button.dataset.copied;
  }, 2000);
}
