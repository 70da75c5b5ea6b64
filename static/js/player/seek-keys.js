/** Where the keys of a slider lead in a track: steps that suit music rather than pixels. */
const STEPS_SECONDS = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -30, PageUp: 30 };

/** The new position in seconds, or null when the key has no meaning here. */
export function targetOfKey(key, seconds, total) {
  if (key === "Home") return 0;
  if (key === "End") return total;
  return key in STEPS_SECONDS ? seconds + STEPS_SECONDS[key] : null;
}
