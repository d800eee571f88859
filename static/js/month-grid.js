/* The keys of the ARIA grid pattern. One day is in the tab order. Arrow keys go to the next available day, Home and
   End to the ends of the week, PageUp and PageDown to another month. A key that leaves the month loads the next one
   and then goes to the nearest day in it. */

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
let wanted = null;

const daysOf = (part) => [...part.querySelectorAll(".day:not(:disabled)")];
const numberOf = (iso) => Number(iso.slice(8));

document.addEventListener("keydown", (event) => {
  const day = event.target.closest(".month-grid .day");
  if (!day || event.ctrlKey || event.metaKey || event.altKey) return;
  const grid = day.closest(".month-grid");
  const week = daysOf(day.closest("tr"));
  if (event.key in STEPS) step(grid, day.value, STEPS[event.key]);
  else if (event.key === "Home") week.at(0).focus();
  else if (event.key === "End") week.at(-1).focus();
  else if (event.key === "PageUp") turn(grid, "previous", day.value);
  else if (event.key === "PageDown") turn(grid, "next", day.value);
  else return;
  event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const day = event.target.closest(".month-grid .day");
  if (day) leaveOneInTabOrder(day.closest(".month-grid"), day);
});

document.addEventListener("htmx:afterSettle", prepare);
prepare();

function step(grid, from, days) {
  let date = moved(from, days);
  while (date.startsWith(from.slice(0, 7))) {
    const day = daysOf(grid).find((candidate) => candidate.value === date);
    if (day) return day.focus();
    date = moved(date, days);
  }
  turn(grid, days < 0 ? "previous" : "next", date);
}

function moved(iso, days) {
  const date = new Date(`${iso}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function turn(grid, way, date) {
  const button = grid.querySelector(`[data-step="${way}"]`);
  if (!button) return;
  wanted = { grid: grid.id, number: numberOf(date) };
  button.click();
}

function prepare() {
  for (const grid of document.querySelectorAll(".month-grid")) {
    leaveOneInTabOrder(grid);
    if (wanted?.grid === grid.id) goTo(grid, wanted.number);
  }
}

function goTo(grid, number) {
  wanted = null;
  const distance = (day) => Math.abs(numberOf(day.value) - number);
  const nearest = daysOf(grid).sort((a, b) => distance(a) - distance(b))[0];
  (nearest ?? grid.querySelector("[data-step]"))?.focus();
}

function leaveOneInTabOrder(grid, chosen = document.activeElement) {
  const days = daysOf(grid);
  const usual = days.find((day) => day.matches('[aria-pressed="true"]')) ?? days.find((day) => day.matches("[aria-current]"));
  const current = days.includes(chosen) ? chosen : (usual ?? days[0]);
  for (const day of days) day.tabIndex = day === current ? 0 : -1;
}
