/** How loud a track plays: what the listener chose, evened out between tracks, and less while it falls asleep. */
import { setting } from "./settings.js";

let awakeShare = 1;

/** 0 to 1 for the sleep timer; 1 is as loud as ever. */
export function setAwakeShare(share) {
  awakeShare = share;
}

/**
 * 0 to 1. `track.gain` in dB brings it to the level of all others (ReplayGain). An element never plays louder than the
 * file is, so that a gain upwards takes up what room the volume leaves and peaks stay whole.
 */
export function levelOf(track) {
  if (setting("isMuted")) return 0;
  const factor = setting("isLevelled") && Number.isFinite(track?.gain) ? 10 ** (track.gain / 20) : 1;
  return Math.min(1, setting("volume") ** 2 * factor) * awakeShare;
}
