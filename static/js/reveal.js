/* After a swap, [data-reveal] comes into view where it is out of it: on a small screen the times lie below the month. */

const still = matchMedia("(prefers-reduced-motion: reduce)");

document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.target.querySelector("[data-reveal]");
  part?.scrollIntoView({ block: "nearest", behavior: still.matches ? "instant" : "smooth" });
});
