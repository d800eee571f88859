/* Moves the focus to where people look after a swap, and announces the change.

   htmx finds the focused element again by its ID. If it's gone, the focus goes to the new part. If the new part has
   an autofocus element, such as the first error, the focus goes there. */

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

// In a popover that asks for confirmation, focus the safe answer.
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
