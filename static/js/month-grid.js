/* The keys of the ARIA grid pattern for the month grid: one day is in the tab order, arrows go to the next day that
   can be chosen, Home and End to the ends of the week, PageUp and PageDown to another month. A key that leaves the
   month turns the page and looks for the same day there, once the new month is in its place. */

const DAYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
let wanted = null;

const daysOf = (grid) => [...grid.querySelectorAll(".day:not(:disabled)")];

function leaveOneInTabOrder(grid, chosen) {
  const days = daysOf(grid);
  const current =
    chosen ??
    days.find((day) => day === document.activeElement) ??
    days.find((day) => day.getAttribute("aria-pressed") === "true") ??
    days.find((day) => day.getAttribute("aria-current") === "date") ??
    days[0];
  for (const day of days) day.tabIndex = day === current ? 0 : -1;
}

function moved(iso, days) {
  const date = new Date(`${iso}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/* The next day that can be chosen on the way, or the first date beyond the month. */
function nextDay(grid, from, step) {
  const month = from.slice(0, 7);
  let date = moved(from, step);
  while (date.startsWith(month)) {
    const day = daysOf(grid).find((candidate) => candidate.value === date);
    if (day) return { day };
    date = moved(date, step);
  }
  return { date };
}

function turn(grid, way, date) {
  const button = grid.querySelector(`[data-step="${way}"]`);
  if (!button) return;
  wanted = date;
  button.click();
}

function endOfWeek(day, last) {
  return [...day.closest("tr").querySelectorAll(".day:not(:disabled)")].at(last ? -1 : 0);
}

document.addEventListener("keydown", (event) => {
  const day = event.target.closest(".month-grid .day");
  if (!day || event.ctrlKey || event.metaKey || event.altKey) return;
  const grid = day.closest(".month-grid");
  if (event.key in DAYS) {
    const next = nextDay(grid, day.value, DAYS[event.key]);
    if (next.day) next.day.focus();
    else turn(grid, DAYS[event.key] < 0 ? "previous" : "next", next.date);
  } else if (event.key === "Home" || event.key === "End") endOfWeek(day, event.key === "End").focus();
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

function prepare() {
  for (const grid of document.querySelectorAll(".month-grid")) {
    leaveOneInTabOrder(grid);
    if (!wanted) continue;
    const sought = Number(wanted.slice(8));
    const nearest = daysOf(grid).sort((a, b) => distance(a, sought) - distance(b, sought))[0];
    wanted = null;
    nearest?.focus();
  }
}

function distance(day, number) {
  return Math.abs(Number(day.value.slice(8)) - number);
}
