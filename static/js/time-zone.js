/* Fills in an empty <input data-detect-time-zone> with the city that the browser's time zone is named after.
   <section id="times" data-guess-time-zone="Europe/London"> shows times in a guessed zone. If the browser's zone is
   different, that part is loaded again with ?time_zone= in the address. A cookie keeps the zone, and the next page
   uses it from the start. */

// Some systems without a known zone use this name, which the server doesn't know.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone?.replace("Etc/Unknown", "") ?? "";
const YEAR = 365 * 24 * 3600;
const NAMED_AFTER_A_CITY = /^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\//;

function remember() {
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (zone) document.cookie = `time_zone=${zone}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
}

function fill() {
  const city = NAMED_AFTER_A_CITY.test(zone) ? zone.split("/").at(-1).replaceAll("_", " ") : zone;
  for (const input of document.querySelectorAll("[data-detect-time-zone]")) {
    if (!input.value && city) input.value = city;
  }
}

function guess() {
  const part = document.querySelector("[data-guess-time-zone]");
  const address = new URL(location.href);
  if (!part) return;
  if (!zone || part.dataset.guessTimeZone === zone) return settle(part);
  address.searchParams.set("time_zone", zone);
  if (!window.htmx) return location.replace(address);
  history.replaceState(history.state, "", address);
  htmx.ajax("GET", address.pathname + address.search, { source: part, target: part, swap: "outerHTML" });
}

// The times are already in the right zone.
function settle(part) {
  if (!("zoneUnsure" in part.dataset)) return;
  part.querySelector(".zone-picker")?.removeAttribute("open");
  part.removeAttribute("data-zone-unsure");
}

document.addEventListener("htmx:afterSettle", fill);
remember();
fill();
guess();
