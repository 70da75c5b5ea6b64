/**
 * The one source of sound. Its Audio element is in no document, so that nothing a page does can stop it.
 * Events: "change" (another track, playing or paused), "time", "failure" (detail: a sentence).
 */
import { detailOf } from "../server.js";

const BEING_PREPARED = 503;
const PREPARED_AFTER_MS = 5000;

const audio = new Audio();
audio.preload = "none";

let track = null;
let wantedPosition = null;

export const sound = new EventTarget();

export function currentTrack() {
  return track;
}

export function isPlaying() {
  return track !== null && !audio.paused && !audio.error;
}

export function position() {
  return wantedPosition ?? audio.currentTime;
}

export function duration() {
  return Number.isFinite(audio.duration) ? audio.duration : track?.duration || 0;
}

/** Make `next` the current track without starting it. */
export function load(next, startSeconds = 0) {
  track = next;
  audio.src = next.src;
  wantedPosition = startSeconds || null;
  announce();
}

export function play() {
  // A source that failed stays failed until it is loaded anew.
  if (audio.error) audio.load();
  audio.play().catch((error) => {
    if (error.name === "NotAllowedError") fail("The browser wants a click before it plays sound.");
  });
}

export function pause() {
  audio.pause();
}

/** Play `chosen` from there on. */
export function playFrom(chosen, seconds) {
  if (chosen.id === track?.id) seek(seconds);
  else load(chosen, seconds);
  play();
}

/** Play `chosen` from `startSeconds` on, or pause and resume it when it is the current track. */
export function toggle(chosen, startSeconds = 0) {
  if (chosen.id !== track?.id) {
    load(chosen, startSeconds);
    play();
  } else if (isPlaying()) {
    pause();
  } else {
    play();
  }
}

export function seek(seconds) {
  const target = Math.min(Math.max(0, seconds), duration());
  if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) audio.currentTime = target;
  else wantedPosition = target;
  sound.dispatchEvent(new Event("time"));
}

/** Have everything that shows the sound look again, such as buttons that are new in the page. */
function announce() {
  sound.dispatchEvent(new Event("change"));
  sound.dispatchEvent(new Event("time"));
}

function fail(sentence) {
  sound.dispatchEvent(new CustomEvent("failure", { detail: sentence }));
}

async function explainFailure(failed) {
  const headers = { Accept: "application/json", Range: "bytes=0-0" };
  const answer = await fetch(failed.src, { headers }).catch(() => null);
  const detail = answer && !answer.ok ? detailOf(await answer.text(), answer.status) : "";
  if (failed !== track) return;
  if (answer === null) fail("The server cannot be reached right now.");
  else if (answer.ok) fail(`This browser cannot play ${failed.format || "this kind of"} files.`);
  else fail(answer.status === 404 ? "This track cannot be played any more." : detail);
  if (answer?.status === BEING_PREPARED) setTimeout(() => failed === track && audio.error && play(), PREPARED_AFTER_MS);
}

audio.addEventListener("loadedmetadata", () => {
  if (wantedPosition !== null) audio.currentTime = wantedPosition;
  wantedPosition = null;
});
for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, announce);
for (const name of ["timeupdate", "durationchange"]) {
  audio.addEventListener(name, () => sound.dispatchEvent(new Event("time")));
}
audio.addEventListener("error", () => {
  announce();
  if (track) explainFailure(track);
});
