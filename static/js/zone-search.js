/* Puts the chosen time zone into its search field. If the form has nothing else to ask, a click sends it. The arrow
   keys only choose. In the field, Down goes to the answers, Enter takes the first one, and Escape closes them. */

import { announce } from "./announce.js";

const partsOf = (element) => {
  const search = element.closest("[data-zone-search]");
  return search && { input: search.querySelector("input"), answers: search.querySelector("[data-zone-answers]") };
};

function take(radio, { input, answers }) {
  input.value = radio.dataset.label;
  if (radio.form.matches("[data-zone-applies]")) return radio.form.requestSubmit();
  window.htmx?.trigger(input, "htmx:abort"); // a search that is still running
  answers.replaceChildren();
  input.focus();
  announce(`${input.value} selected`);
}

document.addEventListener("change", (event) => {
  const parts = event.target.type === "radio" && partsOf(event.target);
  if (parts) parts.input.value = event.target.dataset.label;
});

// Browsers report a key that moves the choice as a click, too.
let isArrow = false;

document.addEventListener("click", (event) => {
  const parts = event.target.type === "radio" && !isArrow && partsOf(event.target);
  if (parts) take(event.target, parts);
});

document.addEventListener("keyup", () => (isArrow = false));

document.addEventListener("keydown", (event) => {
  isArrow = event.key.startsWith("Arrow");
  const parts = partsOf(event.target);
  const first = parts?.answers.querySelector("[type=radio]");
  if (!first) return;
  const inField = event.target === parts.input;
  if (event.key === "ArrowDown" && inField) first.focus();
  else if (event.key === "Enter") take(inField ? first : event.target, parts);
  else if (event.key === "Escape") {
    parts.answers.replaceChildren();
    parts.input.focus();
  } else return;
  event.preventDefault();
});
