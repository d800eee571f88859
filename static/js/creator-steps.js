/* Runs the creator's steps one after another. A button pressed during a step waits for the response, which replaces
   the buttons. The same button is then found again and pressed, so no click is lost. */

const ONCE = new Set(["toggle_day", "remove_time"]);
const PART = "creator-times";
const waiting = [];
let underWay = null;

const isStep = (button) => button?.form?.id === "creator" && (button.hasAttribute("hx-post") || button.name === "create");
const sameAs = (one, other) => one?.name === other.name && one.value === other.value;

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest("button");
    if (!isStep(button) || !underWay) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const step = { name: button.name, value: button.value, way: button.dataset.step };
    // A double click on a day counts once. On "Add time", it adds two times.
    const repeated = ONCE.has(step.name) && sameAs(waiting.at(-1) ?? underWay, step);
    if (!repeated) waiting.push(step);
  },
  true,
);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target.id !== PART) return;
  underWay = { name: event.detail.elt.name, value: event.detail.elt.value };
});

for (const end of ["htmx:afterSettle", "htmx:responseError", "htmx:sendError", "htmx:sendAbort", "htmx:timeout"]) {
  document.addEventListener(end, () => {
    underWay = null;
    const step = waiting.shift();
    if (step) find(step)?.click();
  });
}

function find({ name, value, way }) {
  // The button for the next month has a different value in each month.
  const same = way ? `[data-step="${way}"]` : `[name="${name}"][value="${value}"]`;
  return document.querySelector(`#creator button${same}`);
}
