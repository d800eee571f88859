/* <button data-copy-from="#link"> copies a field's value, <button data-copy-text="..."> what it says itself. */

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
    // Without a secure address there is no clipboard: leave the text selected, one keystroke from copied.
    source?.select?.();
    announce("Press Ctrl or Command and C to copy");
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
