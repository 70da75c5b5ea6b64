/** Which track follows which: a list, a place in it, and how it is gone through. Knows nothing of sound or pages. */

/** More than anybody looks through, and as much as a tab can keep. */
export const MOST_ENTRIES = 1000;
const REPEATS = ["off", "all", "one"];

let keys = 0;

export class RunningOrder {
  /** `{ key, track, place, isOffered }`: `place` without shuffling; `isOffered` by the radio, not by a person. */
  entries = [];
  at = -1;
  isShuffled = false;
  repeat = "off";

  get current() {
    return this.entries[this.at] ?? null;
  }

  get upcoming() {
    return this.entries.slice(this.at + 1);
  }

  begin(tracks, from) {
    const first = Math.max(0, Math.min(from, tracks.length - MOST_ENTRIES));
    this.entries = tracks.slice(first, first + MOST_ENTRIES).map((track, place) => makeEntry(track, place));
    this.at = from - first;
    if (this.isShuffled) this.#shuffle();
  }

  /** At the end, or right after the current track. Returns how many there was room for. */
  add(tracks, { next = false, isOffered = false } = {}) {
    const added = tracks.slice(0, MOST_ENTRIES - this.entries.length);
    const last = Math.max(-1, ...this.entries.map(({ place }) => place));
    const here = this.current?.place ?? last;
    const gaps = this.entries.map(({ place }) => place - here).filter((gap) => gap > 0);
    const room = Math.min(1, ...gaps);
    const between = (number) => here + (room * (number + 1)) / (added.length + 1);
    const placeOf = (number) => (next ? between(number) : last + 1 + number);
    const entries = added.map((track, number) => makeEntry(track, placeOf(number), isOffered));
    this.entries.splice(next ? this.at + 1 : this.entries.length, 0, ...entries);
    if (this.at < 0 && entries.length) this.at = 0;
    return entries.length;
  }

  /** The place in the list that comes after this one, or -1. Who asks for the next track does not want the same again. */
  following({ isAsked = false } = {}) {
    if (this.repeat === "one" && !isAsked) return this.at;
    if (this.at + 1 < this.entries.length) return this.at + 1;
    return this.repeat === "all" && this.entries.length ? 0 : -1;
  }

  indexOf(key) {
    return this.entries.findIndex((entry) => entry.key === key);
  }

  /** To just before the entry at `target`; among what comes next only. */
  move(key, target) {
    const from = this.indexOf(key);
    const to = Math.max(this.at + 1, Math.min(target, this.entries.length));
    if (from <= this.at || to === from) return;
    const [entry] = this.entries.splice(from, 1);
    this.entries.splice(to > from ? to - 1 : to, 0, entry);
    if (!this.isShuffled) this.entries.forEach((each, place) => (each.place = place));
  }

  remove(key) {
    const index = this.indexOf(key);
    if (index > this.at) this.entries.splice(index, 1);
  }

  /** Only what the radio offered, or all that comes next. */
  clear({ isOffered = false } = {}) {
    this.entries = this.entries.filter((entry, index) => index <= this.at || (isOffered && !entry.isOffered));
  }

  /** Let go of what was played long ago, so that a radio never fills the list. */
  forgetAllBut(most) {
    const forgotten = this.entries.splice(0, Math.max(0, this.at - most));
    this.at -= forgotten.length;
  }

  toggleShuffle() {
    this.isShuffled = !this.isShuffled;
    if (this.isShuffled) this.#shuffle();
    else this.#sort();
  }

  cycleRepeat() {
    this.repeat = REPEATS[(REPEATS.indexOf(this.repeat) + 1) % REPEATS.length];
  }

  keep() {
    const { entries, at, isShuffled, repeat } = this;
    const kept = entries.map(({ track, place, isOffered }) => ({ track, place, isOffered }));
    return { entries: kept, at, isShuffled, repeat };
  }

  restore({ entries, at, isShuffled, repeat }) {
    this.entries = entries.map(({ track, place, isOffered }) => makeEntry(track, place, isOffered));
    Object.assign(this, { at: Math.min(at, entries.length - 1), isShuffled, repeat });
  }

  /** The current track first, all others in any order (Fisher and Yates). */
  #shuffle() {
    const { current } = this;
    const others = this.entries.filter((entry) => entry !== current);
    for (let last = others.length - 1; last > 0; last -= 1) {
      const other = Math.floor(Math.random() * (last + 1));
      [others[last], others[other]] = [others[other], others[last]];
    }
    this.entries = current ? [current, ...others] : others;
    this.at = current ? 0 : -1;
  }

  #sort() {
    const { current } = this;
    this.entries.sort((one, other) => one.place - other.place);
    this.at = this.entries.indexOf(current);
  }
}

function makeEntry(track, place, isOffered = false) {
  keys += 1;
  return { key: String(keys), track: { ...track, id: String(track.id) }, place, isOffered };
}
