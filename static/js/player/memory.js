/** Keeps track and position over loads of a whole page, in this tab only. What was playing comes back paused. */
import { currentTrack, load, position, sound } from "./sound.js";

const KEY = "soundalike.playback";
const SAVE_EVERY_MS = 1000;

export function rememberPlayback() {
  const kept = recall();
  if (kept) load(kept.track, kept.position);
  let savedAt = 0;
  sound.addEventListener("time", () => {
    if (Date.now() - savedAt < SAVE_EVERY_MS) return;
    savedAt = Date.now();
    save();
  });
  sound.addEventListener("change", save);
  addEventListener("pagehide", save);
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("[data-sign-out]")) return;
    removeEventListener("pagehide", save);
    sessionStorage.removeItem(KEY);
  });
}

function save() {
  const track = currentTrack();
  if (track) sessionStorage.setItem(KEY, JSON.stringify({ track, position: position() }));
}

function recall() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    return kept?.track?.src ? kept : null;
  } catch {
    return null;
  }
}
