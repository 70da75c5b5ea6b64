/** What the system shows on lock screens, and what its media keys do. */
import { hasNext, playNext, playPrevious, queue } from "./queue.js";
import { currentTrack, duration, isPlaying, pause, play, position, seek, sound } from "./sound.js";

const STEP_SECONDS = 10;
const POSITION_EVERY_MS = 1000;
// The size of the covers that cards and the player show.
const COVER_SIZE = "300x300";

export function showMediaSession() {
  const session = navigator.mediaSession;
  if (!session) return;
  const handle = (action, act) => {
    try {
      session.setActionHandler(action, act);
    } catch {
      // A browser that does not know this key does without.
    }
  };
  handle("play", play);
  handle("pause", pause);
  handle("stop", pause);
  handle("previoustrack", playPrevious);
  handle("seekbackward", (asked) => seek(position() - (asked.seekOffset ?? STEP_SECONDS)));
  handle("seekforward", (asked) => seek(position() + (asked.seekOffset ?? STEP_SECONDS)));
  handle("seekto", ({ seekTime }) => seek(seekTime));
  queue.addEventListener("change", () => handle("nexttrack", hasNext() ? playNext : null));
  sound.addEventListener("change", () => describe(session));
  let toldAt = 0;
  sound.addEventListener("time", () => {
    if (Date.now() - toldAt < POSITION_EVERY_MS) return;
    toldAt = Date.now();
    tellPosition(session);
  });
}

function describe(session) {
  const track = currentTrack();
  if (track === null) return;
  const { title, artist } = track;
  session.metadata = new MediaMetadata({ title, artist, artwork: [{ src: track.cover, sizes: COVER_SIZE }] });
  session.playbackState = isPlaying() ? "playing" : "paused";
  tellPosition(session);
}

function tellPosition(session) {
  const total = duration();
  if (total > 0) session.setPositionState({ duration: total, position: Math.min(Math.max(0, position()), total) });
}
