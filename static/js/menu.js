/* A popover with the role "menu". Arrow keys, Home and End move between its items. Browsers close it on Escape. */

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function itemsOf(menu) {
  return [...menu.querySelectorAll('[role="menuitem"]')];
}

function opener(menu) {
  return document.querySelector(`[popovertarget="${menu.id}"]`);
}

document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches('[popover][role="menu"]')) return;
    const open = event.newState === "open";
    opener(menu)?.setAttribute("aria-expanded", open);
    if (open) itemsOf(menu)[0]?.focus();
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const button = event.target.closest("[popovertarget][aria-haspopup='menu']");
  if (button && event.key === "ArrowDown") {
    event.preventDefault();
    document.getElementById(button.getAttribute("popovertarget")).showPopover({ source: button });
    return;
  }
  const menu = event.target.closest('[popover][role="menu"]');
  if (!menu) return;
  if (event.key === "Tab") return menu.hidePopover();
  const items = itemsOf(menu);
  const next = nextItem(items, items.indexOf(event.target), event.key);
  if (!next) return;
  event.preventDefault();
  next.focus();
});

function nextItem(items, current, key) {
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (key in STEPS) return items[(current + STEPS[key] + items.length) % items.length];
  if (key.length !== 1) return null;
  const later = [...items.slice(current + 1), ...items.slice(0, current + 1)];
  return later.find((item) => item.textContent.trim().toLowerCase().startsWith(key.toLowerCase()));
}
