/** Menus that open beneath a button close when something else is wanted. Without scripts only their button closes them. */
const openMenus = () => document.querySelectorAll("details.sort[open]");

export function watchMenus() {
  document.addEventListener("click", ({ target }) => {
    for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
  });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && openMenus().forEach(closeMenu));
  // "toggle" is told on the way down only.
  document.addEventListener("toggle", ({ target }) => target.matches("details.sort[open]") && show(target), { capture: true });
}

/** The focus stays beside what closes. */
export function closeMenu(menu) {
  const hadFocus = menu.contains(document.activeElement);
  menu.open = false;
  if (hadFocus) menu.querySelector("summary").focus();
}

/** All of it, where the window ended before it did. */
function show(menu) {
  menu.querySelector("ul")?.scrollIntoView({ block: "nearest" });
}
