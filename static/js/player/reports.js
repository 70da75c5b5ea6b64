/** Tells the server how long a track was heard, once it is over: what is skipped, liked and unheard moves recommendations. */
import { csrfToken } from "../server.js";
import { setting } from "./settings.js";
import { currentTrack, duration, isPlaying, position, sound } from "./sound.js";

// What lies further apart than two reports of the sound was jumped over.
const LONGEST_STEP_SECONDS = 2;
const END_SECONDS = 0.5;

let heard = null;

export function reportPlays() {
  sound.addEventListener("time", listen);
  sound.addEventListener("change", () => {
    const track = currentTrack();
    if (heard && track?.id !== heard.id) report(!isFadedOut());
    else if (heard && !isPlaying() && position() >= duration() - END_SECONDS) report(false);
  });
  addEventListener("pagehide", () => heard && report(false));
}

function listen() {
  const track = currentTrack();
  if (!track || !isPlaying()) return;
  if (heard?.id !== track.id) {
    if (heard) report(!isFadedOut());
    // The address of the sound ends in /audio.
    const address = new URL("play", new URL(track.src, location.href));
    heard = { id: track.id, address, seconds: 0, at: position() };
  }
  heard.total = duration();
  const step = position() - heard.at;
  if (step > 0 && step < LONGEST_STEP_SECONDS) heard.seconds += step;
  heard.at = position();
}

/** Whether the next track came because this one was about to be over. */
function isFadedOut() {
  return heard.at >= heard.total - setting("crossfade") - END_SECONDS;
}

/** `isLeft`: for another track, and not because it, or the visit, was over. Nobody waits for the answer. */
function report(isLeft) {
  const { address, seconds } = heard;
  heard = null;
  if (!document.querySelector("[data-sign-out]")) return;
  const body = new URLSearchParams({ heard: seconds.toFixed(1), left: isLeft ? "1" : "0" });
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  fetch(address, { method: "POST", headers, body, keepalive: true }).catch(() => {});
}
