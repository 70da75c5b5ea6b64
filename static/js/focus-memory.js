/** The focus stays where it was when a form changes the page that it stands on; what was filled in wrongly takes it. */
let kept = null;

export function keepFocus() {
  const held = document.activeElement;
  const form = held?.closest("#main form[action]");
  kept = form && { path: location.pathname, form: nameOf(form), nth: [...form.elements].indexOf(held) };
}

/** False where that place is no more: on another page, or when what was there went. */
export function restoreFocus() {
  const wrong = document.querySelector("#main [aria-invalid=true]");
  const place = wrong ?? findPlace(kept ?? {});
  kept = null;
  // Where the page is the same it stays as it was scrolled; what is wrong has to be seen.
  place?.focus({ preventScroll: !wrong });
  return Boolean(place);
}

function findPlace({ path, form, nth }) {
  if (path !== location.pathname) return null;
  const same = [...document.querySelectorAll("#main form[action]")].find((other) => nameOf(other) === form);
  const control = same?.elements[nth];
  return control?.checkVisibility() ? control : control?.closest("details")?.querySelector("summary");
}

/** Where it leads, and which of those that lead there it is. */
function nameOf(form) {
  const action = form.getAttribute("action");
  const alike = [...document.querySelectorAll("#main form[action]")].filter((other) => other.getAttribute("action") === action);
  return `${action} ${alike.indexOf(form)}`;
}
