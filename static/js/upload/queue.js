/** Sends what waits, a few files at a time, in the order they were chosen. */
import { formatNumber } from "../format.js";
import { createIdentifier } from "./known-files.js";
import { Pace } from "./pace.js";
import { fingerprintOf, forget, storedAddress } from "./resume-storage.js";
import { discardUpload, Transfer } from "./transfer.js";
import { addItems, allItems, isOpen, isUnresolved, receive, removeItems, tellChange } from "./uploads.js";
import { gettext as _, interpolate, ngettext } from "../words.js";

const PARALLEL = 3;
// How long a file waits to learn whether it is here already, before it is sent all the same.
const PATIENCE_MS = 1500;
const TICK_MS = 1000;

export const totalPace = new Pace();

let settings = null;
let identify = null;
let ticking = null;
let moved = 0;

/** `given`: {endpoint, known, maxBytes, maxText}. */
export function startQueue(given) {
  settings = given;
  identify = createIdentifier({
    address: given.known,
    next: () => allItems().find(isToIdentify),
    onKnown: settleKnown,
  });
  addEventListener("beforeunload", (event) => {
    if (allItems().some((item) => item.state === "sending" || item.state === "waiting")) event.preventDefault();
  });
}

export function addFiles(music) {
  for (const item of addItems(music)) {
    const refusal = refusalOf(item);
    if (refusal) refuse(item, refusal, { isLasting: true });
  }
  startNext();
}

export function pauseItems(chosen) {
  for (const item of chosen) {
    if (item.state !== "waiting" && item.state !== "sending") continue;
    halt(item);
    item.state = "paused";
  }
  startNext();
}

/** Go on with what was paused, and try again what was not sent. */
export function resumeItems(chosen) {
  for (const item of chosen) {
    if (item.state === "paused" || item.state === "unsent") item.state = "waiting";
  }
  startNext();
}

export async function cancelItems(chosen) {
  const cancelled = new Set(chosen.filter((item) => isOpen(item) || isUnresolved(item)));
  for (const item of cancelled) halt(item);
  removeItems((item) => cancelled.has(item));
  startNext();
  await discardParts(cancelled);
}

/** All are forgotten at once: a file that is chosen again meanwhile begins anew. */
async function discardParts(unwanted) {
  const addresses = [...unwanted].map((item) => storedAddress(fingerprintOf(item)));
  for (const item of unwanted) forget(fingerprintOf(item));
  for (const address of addresses) if (address) await discardUpload(address);
}

function isToIdentify(item) {
  return !item.isLookedAt && (item.state === "waiting" || (item.state === "sending" && !item.transfer));
}

function refusalOf(item) {
  if (item.size === 0) return _("This file is empty.");
  const tooLarge = _("This file is larger than the %(size)s allowed here.");
  return item.size > settings.maxBytes ? interpolate(tooLarge, { size: settings.maxText }) : "";
}

function startNext() {
  identify();
  const running = allItems().filter((item) => item.state === "sending").length;
  const next = allItems().filter((item) => item.state === "waiting");
  for (const item of next.slice(0, PARALLEL - running)) send(item);
  ticking ??= setInterval(tick, TICK_MS);
  tellChange();
}

async function send(item) {
  const run = Symbol("run");
  Object.assign(item, { run, state: "sending", sentence: "", isOut: false, baseline: null });
  await Promise.race([item.identified.promise, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  if (item.run !== run) return;
  item.transfer = new Transfer(item, {
    endpoint: settings.endpoint,
    onProgress: (bytes) => showProgress(item, bytes),
    onOutage: (isOut) => showOutage(item, isOut),
  });
  try {
    const { trackId, isDuplicate } = await item.transfer.send();
    item.isDuplicate = isDuplicate;
    item.sent = item.size;
    receive(item, { id: trackId });
  } catch (error) {
    refuse(item, error.message, error);
  }
  startNext();
}

function showProgress(item, bytes) {
  // The first figure is how much is there already.
  if (item.baseline !== null) {
    const delta = Math.max(0, bytes - item.sent);
    item.moved += delta;
    moved += delta;
  }
  item.baseline ??= bytes;
  item.sent = bytes;
  tellChange();
}

function showOutage(item, isOut) {
  if (item.isOut === isOut) return;
  item.isOut = isOut;
  tellChange();
}

function refuse(item, sentence, { isLasting, isSignedOut }) {
  halt(item);
  Object.assign(item, { state: isLasting ? "refused" : "unsent", sentence, sent: 0 });
  if (isSignedOut) pauseItems(allItems());
  tellChange();
}

function settleKnown(item, track) {
  if (!isOpen(item)) return;
  halt(item);
  item.isDuplicate = true;
  receive(item, track);
  startNext();
  discardParts([item]);
}

function halt(item) {
  item.run = null;
  item.transfer?.stop();
  item.transfer = null;
  item.isOut = false;
  item.pace.reset();
}

function tick() {
  const sending = allItems().filter((item) => item.state === "sending");
  const now = performance.now();
  for (const item of sending) item.pace.tick(item.moved, now);
  if (sending.length > 0) {
    totalPace.tick(moved, now);
  } else {
    totalPace.reset();
    clearInterval(ticking);
    ticking = null;
  }
  tellChange();
}

/** What is told once about files that were chosen. */
export function describeChoice(count, leftOut) {
  const chosen = interpolate(ngettext("%(count)s file chosen.", "%(count)s files chosen.", count), { count: formatNumber(count) });
  const taken = count === 0 ? _("No music was found there.") : chosen;
  if (leftOut === 0) return taken;
  const others = ngettext("%(count)s file that is no music was left out.", "%(count)s files that are no music were left out.", leftOut);
  return `${taken} ${interpolate(others, { count: formatNumber(leftOut) })}`;
}
