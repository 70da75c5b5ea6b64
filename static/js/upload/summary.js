/** All uploads in one line. */
import { formatCount, formatSpeed, formatTimeLeft } from "../format.js";
import { isOpen, isUnresolved } from "./uploads.js";

/** Returns the sentence, the share of bytes that have arrived (0-1), and what can be done with all at once. */
export function summarise(items, pace) {
  const open = items.filter(isOpen);
  const facts = {
    share: shareOf(items),
    isSending: open.some((item) => item.state !== "paused"),
    isPaused: open.some((item) => item.state === "paused"),
    isOpen: open.length > 0,
    hasUnsent: items.some((item) => item.state === "unsent"),
  };
  return { ...facts, sentence: open.length ? tellProgress(items, open, facts, pace) : tellEnd(items) };
}

function shareOf(items) {
  const counted = items.filter((item) => !isUnresolved(item));
  const all = counted.reduce((sum, item) => sum + item.size, 0);
  return all ? counted.reduce((sum, item) => sum + (item.track ? item.size : item.sent), 0) / all : 1;
}

function tellProgress(items, open, facts, pace) {
  const arrived = items.filter((item) => item.track).length;
  const told = [`${arrived} of ${items.filter((item) => !isUnresolved(item)).length}`, `${Math.floor(100 * facts.share)} %`];
  if (!facts.isSending) return ["Paused", ...told].join(" · ");
  if (open.some((item) => item.isOut)) return ["No connection, trying again", ...told].join(" · ");
  if (pace.bytesPerSecond > 0) told.push(formatSpeed(pace.bytesPerSecond), formatTimeLeft(pace.secondsFor(bytesLeft(open))));
  return told.join(" · ");
}

function bytesLeft(open) {
  return open.filter((item) => item.state !== "paused").reduce((sum, item) => sum + item.size - item.sent, 0);
}

function tellEnd(items) {
  const fresh = items.filter((item) => item.track && !item.isDuplicate);
  const unfinished = fresh.filter((item) => item.track.is_unfinished ?? true).length;
  const failed = fresh.filter((item) => item.state === "failed").length;
  const known = items.filter((item) => item.isDuplicate).length;
  const told = [];
  if (fresh.length) told.push(formatCount(fresh.length, "file has arrived", "files have arrived"));
  if (unfinished) told.push(`${unfinished} still to be listened to`);
  if (failed) told.push(`${failed} failed`);
  if (known) told.push(`${known} you already had`);
  const unresolved = items.filter(isUnresolved).length;
  if (unresolved) told.push(`${unresolved} not taken`);
  return told.join(" · ");
}
