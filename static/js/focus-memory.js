/** The focus stays where it was when a form changes the page that it stands on. */
let kept = null;

export function keepFocus() {
  const held = document.activeElement;
  const form = held?.closest("#main form[action]");
  kept = form && { path: location.pathname, form: nameOf(form), nth: [...form.elements].indexOf(held) };
}

/** False where that place is no more: on another page, or when what was there went. */
export function restoreFocus() {
  const { path, form, nth } = kept ?? {};
  kept = null;
  if (path !== location.pathname) return false;
  const same = [...document.querySelectorAll("#main form[action]")].find((other) => nameOf(other) === form);
  const control = same?.elements[nth];
  const place = control?.checkVisibility() ? control : control?.closest("details")?.querySelector("summary");
  place?.focus({ preventScroll: true });
  return Boolean(place);
}

/** Where it leads, and which of those that lead there it is. */
function nameOf(form) {
  const action = form.getAttribute("action");
  const alike = [...document.querySelectorAll("#main form[action]")].filter((other) => other.getAttribute("action") === action);
  return `${action} ${alike.indexOf(form)}`;
}
