/* Sends a form once on a double click: a second submit within a few seconds is ignored. */

const PAUSE = 5000;
const sentAt = new WeakMap();

document.addEventListener("submit", (event) => {
  // htmx prevents the default and orders its own requests.
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (Date.now() - (sentAt.get(event.target) ?? 0) < PAUSE) event.preventDefault();
  else sentAt.set(event.target, Date.now());
});

window.addEventListener("pageshow", () => {
  for (const form of document.forms) sentAt.delete(form);
});
