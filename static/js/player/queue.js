/**
 * What is played, and what comes after it. "change": another order, or another place in it.
 * Tracks are as `trackOf` (buttons.js) or `fetchTracks` (tracks.js) give them.
 */
import { say } from "../announcer.js";
import { formatNumber } from "../format.js";
import { gettext as _, interpolate, ngettext } from "../words.js";
import { RunningOrder } from "./running-order.js";
import { setting } from "./settings.js";
import { blendInto, currentTrack, duration, isPlaying, load, play, position, prepare, seek, sound } from "./sound.js";

// "Previous" leads to the start of a track first.
const RESTART_SECONDS = 3;
const PREPARE_SECONDS = 30;
const GO_ON_AFTER_MS = 4000;
const MOST_REMEMBERED = 300;
// Where so many in a row do not play, the others will not either.
const MOST_FAILURES = 8;

const REPEATS_SAID = { off: _("Repeats nothing"), all: _("Repeats the queue"), one: _("Repeats this track") };

const order = new RunningOrder();
// Guesses of the radio about what comes next; null where no radio plays.
let station = null;
let failures = 0;
let goingOn = null;

export const queue = new EventTarget();

/** Play these from the one at `from` on, in place of what was in the queue. `start` are seconds into the first. */
export function playTracks(tracks, { from = 0, shuffle = false, start = 0, radio = null } = {}) {
  if (!tracks.length) return;
  if (shuffle) order.isShuffled = true;
  if (radio) order.isShuffled = false;
  station = radio;
  order.begin(tracks, shuffle ? Math.floor(Math.random() * tracks.length) : from);
  failures = 0;
  playCurrent(start);
}

/** Add tracks at the end, or right after the one that plays. Where there is no queue yet it begins, and waits. */
export function enqueue(tracks, { next = false } = {}) {
  const isFirst = order.current === null;
  const count = order.add(tracks, { next });
  if (isFirst && order.current) load(order.current.track);
  say(sayAdded(tracks, count, next));
  tell();
}

/** What the radio found to go on with. */
export function offer(tracks) {
  order.forgetAllBut(MOST_REMEMBERED);
  order.add(tracks, { isOffered: true });
  tell();
}

/** The radio that fills the queue: its seeds, and what became of its tracks; null for none. */
export function currentStation() {
  return station;
}

export function currentEntry() {
  return order.current;
}

export function playedTracks() {
  return order.entries.slice(0, order.at + 1).map(({ track }) => track);
}

export function upcomingEntries() {
  return order.upcoming;
}

export function orderModes() {
  return { isShuffled: order.isShuffled, repeat: order.repeat };
}

export function hasNext() {
  return order.following({ isAsked: true }) >= 0;
}

/** Where the queue goes on when the current track cannot be played; -1 for nowhere. */
export function wayAround() {
  const next = order.following({ isAsked: true });
  const isUseless = next === order.at || failures + 1 >= Math.min(MOST_FAILURES, order.entries.length);
  return isUseless ? -1 : next;
}

/** Because somebody asked for it: what was hardly heard counts as skipped. */
export function playNext() {
  const left = order.current;
  const heard = { seconds: position(), total: duration() };
  if (!goTo(order.following({ isAsked: true }))) return;
  queue.dispatchEvent(new CustomEvent("left", { detail: { track: left.track, ...heard } }));
}

export function playPrevious() {
  if (position() > RESTART_SECONDS || order.at < 1) seek(0);
  else goTo(order.at - 1);
}

export function jumpTo(key) {
  goTo(order.indexOf(key));
}

export function moveEntry(key, target) {
  order.move(key, order.at + 1 + target);
  tell();
}

export function removeEntry(key) {
  order.remove(key);
  tell();
}

export function clearUpcoming({ isOffered = false } = {}) {
  if (!isOffered) station = null;
  order.clear({ isOffered });
  tell();
}

export function toggleShuffle() {
  order.toggleShuffle();
  tell();
  say(order.isShuffled ? _("Shuffled") : _("In their order"));
}

export function cycleRepeat() {
  order.cycleRepeat();
  tell();
  say(REPEATS_SAID[order.repeat]);
}

export function keepQueue() {
  return { ...order.keep(), station };
}

/** As it was kept: the track that played is loaded, and waits. */
export function restoreQueue(kept, startSeconds) {
  order.restore(kept);
  station = kept.station ?? null;
  if (order.current) load(order.current.track, startSeconds);
  tell();
}

export function watchQueue() {
  sound.addEventListener("time", lookAhead);
  sound.addEventListener("end", goOn);
  sound.addEventListener("failure", ({ detail }) => passOver(detail));
  queue.addEventListener("change", () => prepareNext());
}

/** After the end of a track. */
function goOn() {
  const next = order.following();
  if (isHeldBack()) waitAt(next);
  else if (!goTo(next)) queue.dispatchEvent(new Event("out"));
}

function goTo(index) {
  if (index < 0 || !order.entries[index]) return false;
  order.at = index;
  playCurrent();
  return true;
}

function waitAt(index) {
  if (index >= 0) order.at = index;
  load(order.current.track);
  queue.dispatchEvent(new Event("held"));
  tell();
}

function playCurrent(start = 0) {
  clearTimeout(goingOn);
  load(order.current.track, start);
  play();
  tell();
}

function tell() {
  queue.dispatchEvent(new Event("change"));
}

function nextTrack() {
  return order.entries[order.following()]?.track ?? null;
}

function isNearEnd(seconds) {
  return duration() > 0 && duration() - position() <= seconds;
}

function lookAhead() {
  if (!isPlaying()) return;
  if (position() > 1) failures = 0;
  const next = nextTrack();
  // A fade that took up half of a short track would leave nothing of it.
  const fade = Math.min(setting("crossfade"), duration() / 3);
  if (next && fade && isNearEnd(fade) && !isHeldBack()) blendOn(next, Math.min(fade, duration() - position()));
  else prepareNext();
}

/** Whoever wants the music to stop at the end of this track prevents what this event announces. */
function isHeldBack() {
  return !queue.dispatchEvent(new Event("following", { cancelable: true }));
}

function blendOn(next, seconds) {
  order.at = order.following();
  blendInto(next, Math.max(0.2, seconds));
  tell();
}

function prepareNext() {
  if (isPlaying() && isNearEnd(Math.max(PREPARE_SECONDS, 2 * setting("crossfade")))) prepare(nextTrack());
}

/** The queue does not stop dead at what cannot be played, nor does it run through one that cannot be played at all. */
function passOver({ hope }) {
  clearTimeout(goingOn);
  const failed = currentTrack();
  const next = wayAround();
  if (hope === "click" || hope === "retry" || next < 0) return;
  failures += 1;
  goingOn = setTimeout(() => currentTrack() === failed && !isPlaying() && goTo(next), GO_ON_AFTER_MS);
}

function sayAdded(tracks, count, next) {
  if (!count) return _("The queue is full.");
  if (tracks.length === 1) {
    return interpolate(next ? _("“%(title)s” plays next") : _("Added “%(title)s” to the queue"), tracks[0]);
  }
  const sentence = next
    ? ngettext("%(count)s track plays next", "%(count)s tracks play next", count)
    : ngettext("Added %(count)s track to the queue", "Added %(count)s tracks to the queue", count);
  return interpolate(sentence, { count: formatNumber(count) });
}
