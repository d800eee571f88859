/* Scrolls to [data-reveal] after a swap, because on a small screen the times are below the month. */

const still = matchMedia("(prefers-reduced-motion: reduce)");

document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.target.querySelector("[data-reveal]");
  part?.scrollIntoView({ block: "nearest", behavior: still.matches ? "instant" : "smooth" });
});
