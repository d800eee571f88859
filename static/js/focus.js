/* After a swap the focus is where the eye is, and the change is said once.

   htmx itself finds the focused element again by its id. Where that is gone, or where the new part asks for the
   focus more loudly (autofocus: the first error), it goes there, else to the part. */

import { announce } from "./announce.js";

let focusWasInside = false;

document.addEventListener("htmx:beforeSwap", (event) => {
  focusWasInside = event.detail.target.contains(document.activeElement);
});

document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.target;
  const words = find(part, "[data-announce]")?.dataset.announce;
  if (words) announce(words);
  if (find(part, "[autofocus]")) return find(part, "[autofocus]").focus();
  if (!focusWasInside || document.activeElement !== document.body) return;
  if (part.tabIndex < 0) part.setAttribute("tabindex", "-1");
  part.focus({ preventScroll: true });
});

// A popover that asks something gets the focus on the answer that changes nothing.
document.addEventListener(
  "toggle",
  (event) => {
    if (event.newState === "open") event.target.querySelector("[data-focus-on-open]")?.focus();
  },
  true,
);

function find(part, selector) {
  return part.matches(selector) ? part : part.querySelector(selector);
}
