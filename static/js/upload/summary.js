/** All uploads in one line. */
import { formatNumber, formatShare, formatSpeed, formatTimeLeft } from "../format.js";
import { isOpen, isUnresolved } from "./uploads.js";
import { gettext as _, interpolate, ngettext } from "../words.js";

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
  const all = items.filter((item) => !isUnresolved(item)).length;
  const told = [interpolate(_("%(arrived)s of %(all)s"), { arrived, all }), formatShare(facts.share)];
  if (!facts.isSending) return [_("Paused"), ...told].join(" · ");
  if (open.some((item) => item.isOut)) return [_("No connection, trying again"), ...told].join(" · ");
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
  const told = [
    [fresh.length, ngettext("%(count)s file has arrived", "%(count)s files have arrived", fresh.length)],
    [unfinished, _("%(count)s still to be listened to")],
    [failed, _("%(count)s failed")],
    [known, _("%(count)s you already had")],
    [items.filter(isUnresolved).length, _("%(count)s not taken")],
  ];
  const meant = told.filter(([count]) => count > 0);
  return meant.map(([count, sentence]) => interpolate(sentence, { count: formatNumber(count) })).join(" · ");
}
