/* Announces a text to screen readers. The live region is in base.html. */

export function announce(words) {
  const region = document.getElementById("announce");
  region.textContent = "";
  // A region that is emptied first announces the same text a second time.
  setTimeout(() => (region.textContent = words), 100);
}
