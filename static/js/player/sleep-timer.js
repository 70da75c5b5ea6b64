/** Lets the music fade out after a while, or at the end of a track. */
import { say } from "../announcer.js";
import { formatNumber } from "../format.js";
import { gettext as _, interpolate, ngettext } from "../words.js";
import { setAwakeShare } from "./levels.js";
import { queue } from "./queue.js";
import { applyLevels, duration, isPlaying, pause, position } from "./sound.js";

const FADE_SECONDS = 10;
const TICK_MS = 200;

let endsAt = null;
let isAtTrackEnd = false;
let ticking = null;

/** Its `detail` is a sentence on how long there is to go; empty when it is off. */
export const sleepTimer = new EventTarget();

/** "" for off, "end" for the end of the current track, else minutes. */
export function setSleepTimer(choice) {
  wake();
  isAtTrackEnd = choice === "end";
  endsAt = choice && !isAtTrackEnd ? Date.now() + 60_000 * Number(choice) : null;
  if (choice) ticking = setInterval(tick, TICK_MS);
  say(choice ? tellTime() : _("The sleep timer is off"));
  tell();
}

export function watchSleep() {
  queue.addEventListener("following", (event) => {
    if (isAtTrackEnd) event.preventDefault();
  });
  queue.addEventListener("held", fallAsleep);
}

function tick() {
  const left = secondsLeft();
  setAwakeShare(Math.min(1, Math.max(0, left / FADE_SECONDS)));
  applyLevels();
  if (endsAt !== null && left <= 0) fallAsleep();
  else tell();
}

function secondsLeft() {
  if (endsAt !== null) return (endsAt - Date.now()) / 1000;
  // A track whose end nobody knows does not fade, and ends.
  return isPlaying() && duration() ? duration() - position() : Infinity;
}

function fallAsleep() {
  if (endsAt !== null) pause();
  wake();
  tell();
}

function wake() {
  clearInterval(ticking);
  endsAt = null;
  isAtTrackEnd = false;
  setAwakeShare(1);
  applyLevels();
}

function tellTime() {
  if (isAtTrackEnd) return _("The music stops at the end of this track");
  if (endsAt === null) return "";
  const minutes = Math.ceil(secondsLeft() / 60);
  const sentence = ngettext("The music stops in %(count)s minute", "The music stops in %(count)s minutes", minutes);
  return interpolate(sentence, { count: formatNumber(minutes) });
}

function tell() {
  sleepTimer.dispatchEvent(new CustomEvent("change", { detail: tellTime() }));
}
