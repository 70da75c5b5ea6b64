/** The row of one upload: a file on its way, then the track it became. */
import { folderOf } from "./chosen-files.js";
import { formatBytes, formatShare, formatSpeed, formatTimeLeft } from "../format.js";
import { adopt } from "../navigation.js";
import { isOpen, isUnresolved } from "./uploads.js";
import { gettext as _, interpolate } from "../words.js";

const LABELS = {
  waiting: _("Waiting"),
  paused: _("Paused"),
  refused: _("Refused"),
  unsent: _("Not sent"),
  received: _("Received"),
  gone: _("Not here"),
};

const part = (row, name) => row.querySelector(`[data-${name}]`);

export function createRow(item) {
  const row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
  part(row, "title").textContent = item.name;
  part(row, "progress").setAttribute("aria-label", interpolate(_("Upload of %(name)s"), { name: item.name }));
  nameRetry(row, item.name);
  return row;
}

export function showItem(row, item) {
  row.dataset.state = item.state === "sending" ? "uploading" : item.state;
  if (item.track?.url) showTrack(row, item.track);
  const isRetriable = item.state === "unsent" || Boolean(item.track?.is_retriable);
  const isSending = item.state === "sending" || (item.state === "paused" && item.sent > 0);
  part(row, "progress").hidden = !isSending;
  part(row, "progress").value = item.size ? item.sent / item.size : 0;
  setText(part(row, "label"), labelOf(item));
  setText(part(row, "detail"), detailOf(item));
  setText(part(row, "sentence"), sentenceOf(item));
  part(row, "retry").hidden = !isRetriable;
  setButton(row, "pause", item.state === "paused" ? _("Go on") : _("Pause"), item, !isOpen(item));
  setButton(row, "cancel", isUnresolved(item) ? _("Dismiss") : _("Cancel"), item, Boolean(item.track));
}

/** A row that the server made shows a track in the same way. Returns whether it tells something new now. */
export function showState(row, track) {
  const hasChanged = row.dataset.state !== track.state;
  row.dataset.state = track.state;
  showTrack(row, track);
  setText(part(row, "label"), track.label);
  setText(part(row, "detail"), joined(track.artist, formatBytes(track.size_bytes)));
  setText(part(row, "sentence"), track.state === "ready" ? "" : track.sentence);
  part(row, "retry").hidden = !track.is_retriable;
  return hasChanged;
}

/** The server does not know the track, or does not know us any more. */
export function showGone(row) {
  row.removeAttribute("data-unfinished");
  row.dataset.state = "gone";
  setText(part(row, "label"), LABELS.gone);
  setText(part(row, "sentence"), GONE);
}

const GONE = _("This track was deleted, or you are no longer signed in. Reload the page to see.");

function showTrack(row, track) {
  row.dataset.track = track.id;
  row.toggleAttribute("data-unfinished", track.is_unfinished);
  linkTitle(row, track);
  setText(part(row, "standing"), track.standing ?? "");
  part(row, "retry").action = `${track.url}retry`;
  part(row, "delete").href = `${track.url}delete`;
  part(row, "delete").hidden = false;
  part(row, "delete").dataset.confirmDelete = track.title;
  part(row, "delete").setAttribute("aria-label", interpolate(_("Delete: %(name)s"), { name: track.title }));
  nameRetry(row, track.title);
}

function nameRetry(row, name) {
  part(row, "retry").querySelector("button").setAttribute("aria-label", interpolate(_("Try again: %(name)s"), { name }));
}

function labelOf(item) {
  if (item.track?.label) return item.track.label;
  if (item.state !== "sending") return LABELS[item.state];
  if (item.isOut) return _("No connection");
  return item.sent >= item.size ? _("Checking") : formatShare(item.sent / item.size);
}

function detailOf(item) {
  if (item.track?.url) return joined(item.track.artist, formatBytes(item.track.size_bytes));
  if (item.state !== "sending" || item.sent === 0) return joined(folderOf(item.path), formatBytes(item.size));
  const told = [interpolate(_("%(sent)s of %(size)s"), { sent: formatBytes(item.sent), size: formatBytes(item.size) })];
  const seconds = item.pace.secondsFor(item.size - item.sent);
  if (seconds !== null && !item.isOut) told.push(formatSpeed(item.pace.bytesPerSecond), formatTimeLeft(seconds));
  return told.join(" · ");
}

function sentenceOf(item) {
  if (item.state === "gone") return GONE;
  if (item.isDuplicate) return _("You already have this.");
  if (item.isOut) return _("The server cannot be reached. This goes on by itself as soon as it can.");
  return item.state === "ready" ? "" : item.track?.sentence || item.sentence;
}

function setButton(row, name, text, item, isHidden) {
  const button = part(row, name);
  button.hidden = isHidden;
  setText(button, text);
  button.setAttribute("aria-label", `${text}: ${item.name}`);
}

/** Text that stays the same is left alone: there may be a thousand rows. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function joined(...told) {
  return told.filter(Boolean).join(" · ");
}

function linkTitle(row, track) {
  const before = part(row, "title");
  if (before.tagName === "A" && before.textContent === track.title) return;
  const link = document.createElement("a");
  link.className = "upload-title";
  link.dataset.title = "";
  link.href = track.url;
  link.textContent = track.title;
  before.replaceWith(link);
  adopt(link);
}
