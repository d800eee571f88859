/* A double click sends a form once: the second of two submits within a few seconds goes nowhere. */

const PAUSE = 5000;
const sentAt = new WeakMap();

document.addEventListener("submit", (event) => {
  // What htmx has taken over is not a submit any more, and it keeps its own order.
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (Date.now() - (sentAt.get(event.target) ?? 0) < PAUSE) event.preventDefault();
  else sentAt.set(event.target, Date.now());
});

window.addEventListener("pageshow", () => {
  for (const form of document.forms) sentAt.delete(form);
});
