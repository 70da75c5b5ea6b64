/**
 * The files that were chosen in this document, and how far each is. They outlive the pages.
 *
 * waiting -> sending <-> paused; sending -> refused (lasting) | unsent (may be tried again) | received -> the states of
 * its track. Events: "change", not more often than can be seen; "arrival" of a track.
 */
import { Pace } from "./pace.js";
import { fingerprintOf } from "./resume-storage.js";

const GATHER_MS = 80;
const OPEN = new Set(["waiting", "sending", "paused"]);
const UNRESOLVED = new Set(["refused", "unsent"]);

export const uploads = new EventTarget();

let items = [];
let arrivals = 0;
let timer = null;

export function allItems() {
  return items;
}

export function isOpen(item) {
  return OPEN.has(item.state);
}

export function isUnresolved(item) {
  return UNRESOLVED.has(item.state);
}

export function itemOfTrack(id) {
  return items.find((item) => String(item.track?.id) === String(id));
}

/** Returns the new items: a file that is on its way already is not taken twice. */
export function addItems(music) {
  const earlier = new Map(items.filter((item) => !item.track).map((item) => [fingerprintOf(item), item]));
  const isUnderWay = (entry) => isOpen(earlier.get(fingerprintOf(entry)) ?? {});
  const once = [...new Map(music.map((entry) => [fingerprintOf(entry), entry])).values()];
  const fresh = once.filter((entry) => !isUnderWay(entry)).map(createItem);
  const replaced = new Set(fresh.map((item) => earlier.get(fingerprintOf(item))));
  items = [...items.filter((item) => !replaced.has(item)), ...fresh];
  tellChange();
  return fresh;
}

export function removeItems(isUnwanted) {
  items = items.filter((item) => !isUnwanted(item));
  tellChange();
}

/** The item has become a track, which is shown once. */
export function receive(item, track) {
  item.arrival = arrivals += 1;
  item.track = track;
  item.state = track.state ?? "received";
  item.isOut = false;
  items = items.filter((other) => other === item || String(other.track?.id) !== String(track.id));
  uploads.dispatchEvent(new Event("arrival"));
  tellChange();
}

export function tellChange() {
  timer ??= setTimeout(() => {
    timer = null;
    uploads.dispatchEvent(new Event("change"));
  }, GATHER_MS);
}

function createItem({ file, path, cover }) {
  return {
    file,
    path,
    cover,
    name: file.name,
    size: file.size,
    state: "waiting",
    sentence: "",
    sent: 0,
    pace: new Pace(),
    moved: 0,
    isOut: false,
    isLookedAt: false,
    identified: createSignal(),
    sha256: null,
    track: null,
    isDuplicate: false,
    arrival: 0,
  };
}

function createSignal() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
