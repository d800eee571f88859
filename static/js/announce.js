/* Says something once to those who listen rather than look. The region is in base.html. */

export function announce(words) {
  const region = document.getElementById("announce");
  region.textContent = "";
  // Emptied first, and filled a moment later, so that the same words are heard a second time.
  setTimeout(() => (region.textContent = words), 100);
}
