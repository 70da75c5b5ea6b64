/** Brings parts of the page to life when they come, with the first page or a later one, and lets go of them when they leave. */
import { onNavigation } from "./navigation.js";

const kinds = [];
const alive = new Map();

/** `enliven(element)` is called once for each element that matches, now or later. What it returns is called at its end. */
export function enlivenEach(selector, enliven) {
  kinds.push({ selector, enliven });
}

/** `fetchPart()` is called when the first element that matches comes, and may say `enlivenEach` of such elements. */
export function enlivenOnDemand(selector, fetchPart) {
  let fetched = null;
  enlivenEach(selector, () => {
    fetched ??= fetchPart().then(look, () => (fetched = null));
  });
}

export function startPages() {
  onNavigation({ leaving: (roots) => release((element) => roots.some((root) => root.contains(element))), arrived: look });
  look();
}

/** Look for new parts. Whoever puts some into the page without a navigation calls this. */
export function look() {
  release((element) => !element.isConnected);
  for (const kind of kinds) {
    for (const element of document.querySelectorAll(kind.selector)) awaken(element, kind);
  }
}

function awaken(element, kind) {
  const ends = alive.get(element) ?? new Map();
  if (ends.has(kind)) return;
  alive.set(element, ends);
  ends.set(kind, kind.enliven(element));
}

function release(isLeaving) {
  for (const [element, ends] of alive) {
    if (!isLeaving(element)) continue;
    alive.delete(element);
    for (const end of ends.values()) end?.();
  }
}
