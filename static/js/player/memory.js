/**
 * Keeps queue and position over loads of a whole page, in this tab only. What was playing comes back paused, and only to
 * whoever put it there: what one person hears is nothing to the next who signs in.
 */
import { onNavigation } from "../navigation.js";
import { keepQueue, queue, restoreQueue } from "./queue.js";
import { position, sound } from "./sound.js";

const QUEUE = "soundalike.queue";
const POSITION = "soundalike.position";
const SAVE_EVERY_MS = 1000;

// Empty for those who are not signed in: what they hear is there for everybody.
let listener = "";
let isOver = false;

export function rememberPlayback() {
  const account = findAccount();
  // A page that does not say who looks at it, such as that of an error, neither uses up nor changes what is kept.
  if (!account) return;
  listener = account.dataset.listener;
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
  watchListener();
}

/** Signing in and out loads a whole page here; a session also ends by itself, or in another tab. */
function watchListener() {
  document.addEventListener("submit", ({ target }) => target.matches("[data-sign-out]") && forget());
  onNavigation({ leaving: () => {}, arrived: noticeListener });
  // The browser may keep a page as it was, for Back.
  addEventListener("pageshow", ({ persisted }) => persisted && isOver && location.reload());
}

function noticeListener() {
  const now = findAccount()?.dataset.listener ?? listener;
  if (now === listener) return;
  const isSomebodyElse = listener !== "";
  listener = now;
  if (!isSomebodyElse) return;
  forget();
  location.reload();
}

function findAccount() {
  return document.getElementById("account");
}

function save() {
  savePosition();
  saveQueue();
}

function savePosition() {
  keep(POSITION, String(position()));
}

function saveQueue() {
  keep(QUEUE, JSON.stringify({ ...keepQueue(), listener }));
}

function keep(name, text) {
  if (isOver) return;
  try {
    sessionStorage.setItem(name, text);
  } catch {
    // A tab that is full, or keeps nothing: the queue then ends with the page.
  }
}

function forget() {
  isOver = true;
  for (const name of [QUEUE, POSITION]) sessionStorage.removeItem(name);
}

function recall() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(QUEUE));
    const isTheirs = kept?.listener === "" || kept?.listener === listener;
    return isTheirs && kept.entries.length && kept.entries.every(({ track }) => track.src) ? kept : null;
  } catch {
    return null;
  }
}
