/** How this listener likes to hear music: kept in this browser over all visits. "change": something is different. */
const KEY = "soundalike.player";

const chosen = { volume: 1, isMuted: false, isLevelled: true, crossfade: 0, hasShortcuts: true, ...recall() };

export const settings = new EventTarget();

export function setting(name) {
  return chosen[name];
}

export function choose(name, value) {
  chosen[name] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen));
  } catch {
    // A browser that keeps nothing goes by what was chosen on this page.
  }
  settings.dispatchEvent(new Event("change"));
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}
