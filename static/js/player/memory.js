/** Keeps queue and position over loads of a whole page, in this tab only. What was playing comes back paused. */
import { keepQueue, queue, restoreQueue } from "./queue.js";
import { position, sound } from "./sound.js";

const QUEUE = "soundalike.queue";
const POSITION = "soundalike.position";
const SAVE_EVERY_MS = 1000;

export function rememberPlayback() {
  const kept = recall();
  if (kept) restoreQueue(kept, Number(sessionStorage.getItem(POSITION)) || 0);
  let savedAt = 0;
  sound.addEventListener("time", () => {
    if (Date.now() - savedAt < SAVE_EVERY_MS) return;
    savedAt = Date.now();
    savePosition();
  });
  sound.addEventListener("change", savePosition);
  queue.addEventListener("change", saveQueue);
  addEventListener("pagehide", save);
  document.addEventListener("submit", ({ target }) => target.matches("[data-sign-out]") && forget());
}

function save() {
  savePosition();
  saveQueue();
}

function savePosition() {
  keep(POSITION, String(position()));
}

function saveQueue() {
  keep(QUEUE, JSON.stringify(keepQueue()));
}

function keep(name, text) {
  try {
    sessionStorage.setItem(name, text);
  } catch {
    // A tab that is full, or keeps nothing: the queue then ends with the page.
  }
}

function forget() {
  removeEventListener("pagehide", save);
  for (const name of [QUEUE, POSITION]) sessionStorage.removeItem(name);
}

function recall() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(QUEUE));
    return kept?.entries.length && kept.entries.every(({ track }) => track.src) ? kept : null;
  } catch {
    return null;
  }
}
