/**
 * The one source of sound: a deck that plays, and one beside it for what comes next, so that tracks follow each other
 * without a gap or fade into each other.
 * Events: "change" (another track, playing or paused), "time", "end" (a track is over), "failure" (detail: `sentence`
 * and `hope` as in failures.js).
 */
import { Deck } from "./deck.js";
import { explainFailure } from "./failures.js";
import { levelOf } from "./levels.js";
import { settings } from "./settings.js";
import { gettext as _ } from "../words.js";

const RETRY_AFTER_MS = 5000;

let deck = new Deck();
let ahead = new Deck();

export const sound = new EventTarget();

export function currentTrack() {
  return deck.track;
}

export function isPlaying() {
  return deck.isPlaying;
}

export function position() {
  return deck.position;
}

export function duration() {
  return deck.duration;
}

/** Make `next` the current track without starting it. */
export function load(next, startSeconds = 0) {
  if (holdsAhead(next) && !startSeconds) {
    swap();
    ahead.unload();
  } else {
    // What still fades out, or was fetched for after the track that is left behind.
    ahead.unload();
    deck.load(next, startSeconds);
  }
  applyLevels();
  announce();
}

/** Fetch what probably comes next; null for nothing. */
export function prepare(next) {
  if (ahead.isPlaying || (next && holdsAhead(next))) return;
  if (next) ahead.load(next, 0, { isAhead: true });
  else ahead.unload();
}

/** Let the current track fade out while `next` fades in. */
export function blendInto(next, seconds) {
  if (!holdsAhead(next)) ahead.load(next, 0, { isAhead: true });
  const left = deck;
  swap();
  applyLevels();
  left.fade(false, seconds, () => left !== deck && left.unload());
  deck.fade(true, seconds);
  play();
  announce();
}

export function play() {
  deck.play().catch((error) => {
    if (error.name !== "NotAllowedError") return;
    fail({ sentence: _("The browser wants a click before it plays sound."), hope: "click" });
  });
}

export function pause() {
  if (ahead.isPlaying) ahead.unload();
  deck.pause();
}

/** Pause and resume. */
export function toggle() {
  if (isPlaying()) pause();
  else if (deck.track) play();
}

export function seek(seconds) {
  deck.seek(Math.min(Math.max(0, seconds), duration()));
  sound.dispatchEvent(new Event("time"));
}

/** As the settings, or the sleep timer, now want it. */
export function applyLevels() {
  for (const each of [deck, ahead]) each.setLevel(levelOf(each.track));
}

function holdsAhead(track) {
  return ahead.track?.src === track.src && !ahead.isPlaying && !ahead.error;
}

function swap() {
  [deck, ahead] = [ahead, deck];
}

/** Have everything that shows the sound look again, such as buttons that are new in the page. */
function announce() {
  sound.dispatchEvent(new Event("change"));
  sound.dispatchEvent(new Event("time"));
}

function fail(detail) {
  sound.dispatchEvent(new CustomEvent("failure", { detail }));
}

async function explain(failed) {
  announce();
  const { track, error } = failed;
  if (track === null || error === null) return;
  const failure = await explainFailure(track, error.code);
  const isStill = () => failed === deck && track === deck.track && deck.error;
  if (!isStill()) return;
  // The browser was refused, and a moment later the server gives: what was being prepared has just become ready.
  if (failure.isGiven && failed.failures === 1) {
    play();
    return;
  }
  fail(failure);
  if (failure.hope !== "no") setTimeout(() => isStill() && play(), RETRY_AFTER_MS);
}

function follow(each) {
  const whenHeard = (name, listen) => each.addEventListener(name, () => each === deck && listen());
  for (const name of ["play", "pause"]) whenHeard(name, announce);
  for (const name of ["timeupdate", "durationchange"]) whenHeard(name, () => sound.dispatchEvent(new Event("time")));
  whenHeard("ended", () => {
    announce();
    sound.dispatchEvent(new Event("end"));
  });
  whenHeard("error", () => explain(each));
}

follow(deck);
follow(ahead);
settings.addEventListener("change", applyLevels);
