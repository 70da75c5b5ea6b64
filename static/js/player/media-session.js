/** What the system shows on lock screens and media keys. */
import { currentTrack, duration, isPlaying, pause, play, position, seek, sound } from "./sound.js";

const STEP_SECONDS = 10;

export function showMediaSession() {
  const session = navigator.mediaSession;
  if (!session) return;
  session.setActionHandler("play", play);
  session.setActionHandler("pause", pause);
  session.setActionHandler("seekbackward", (asked) => seek(position() - (asked.seekOffset ?? STEP_SECONDS)));
  session.setActionHandler("seekforward", (asked) => seek(position() + (asked.seekOffset ?? STEP_SECONDS)));
  session.setActionHandler("seekto", ({ seekTime }) => seek(seekTime));
  sound.addEventListener("change", () => describe(session));
}

function describe(session) {
  const track = currentTrack();
  if (track === null) return;
  const { title, artist } = track;
  session.metadata = new MediaMetadata({ title, artist, artwork: [{ src: track.cover }] });
  session.playbackState = isPlaying() ? "playing" : "paused";
  const total = duration();
  if (total > 0) session.setPositionState({ duration: total, position: Math.min(position(), total) });
}
