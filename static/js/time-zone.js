/* <input data-detect-time-zone> is filled, while empty, with the zone of the browser.
   <section id="times" data-guess-time-zone="Europe/London"> shows times in a zone nobody asked for: where the
   browser's differs, that part is fetched once again with ?time_zone= added to the address. */

// Some systems know no zone and say so with this name, which nobody else knows.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone?.replace("Etc/Unknown", "");

function fill() {
  for (const input of document.querySelectorAll("[data-detect-time-zone]")) {
    if (!input.value && zone) input.value = zone;
  }
}

function guess() {
  const part = document.querySelector("[data-guess-time-zone]");
  const address = new URL(location.href);
  if (!zone || !part || part.dataset.guessTimeZone === zone || address.searchParams.has("time_zone")) return;
  address.searchParams.set("time_zone", zone);
  if (!window.htmx) return location.replace(address);
  history.replaceState(history.state, "", address);
  htmx.ajax("GET", address.pathname + address.search, { source: part, target: part, swap: "outerHTML" });
}

document.addEventListener("htmx:afterSettle", fill);
fill();
guess();
