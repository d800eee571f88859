/* The creator of one-off meetings. Without this script its buttons are plain submits of the same form.

   Changed times are checked when the focus leaves them. Replacing a field while someone types in it would lose the
   text. The buttons for usual durations fill in the duration field. */

const CLOCK = "[data-clock]";

document.addEventListener("focusout", (event) => {
  const clock = event.target.closest(CLOCK);
  if (!clock || event.relatedTarget?.closest(`${CLOCK}, button`)) return;
  const clocks = [...clock.form.querySelectorAll(CLOCK)];
  if (!clocks.some((each) => each.value !== each.defaultValue)) return;
  clock.closest("[hx-post]").dispatchEvent(new CustomEvent("times-changed"));
});

document.addEventListener("change", (event) => {
  if (event.target.name !== "hold_times") return;
  event.target.closest("[hx-post]")?.dispatchEvent(new CustomEvent("times-changed"));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sets]");
  if (!button) return;
  event.preventDefault();
  const field = document.querySelector(button.dataset.sets);
  field.value = button.value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("change", (event) => {
  const buttons = document.querySelectorAll(`[data-sets="#${event.target.id}"]`);
  for (const button of buttons) button.setAttribute("aria-pressed", button.value === event.target.value);
});

// The organizer is always a host, so their checkbox among the other hosts is disabled.
document.addEventListener("change", (event) => {
  if (event.target.id !== "id_organizer") return;
  for (const box of document.querySelectorAll("[name=cohosts]")) box.disabled = box.value === event.target.value;
});
