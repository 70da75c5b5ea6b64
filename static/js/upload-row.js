/** The row of one upload: a file on its way, then the track it became. */
import { formatBytes } from "./format.js";

const template = () => document.getElementById("upload-row").content.firstElementChild;
const part = (row, name) => row.querySelector(`[data-${name}]`);

export function createRow(file) {
  const row = template().cloneNode(true);
  part(row, "title").textContent = file.name;
  part(row, "detail").textContent = formatBytes(file.size);
  part(row, "progress").setAttribute("aria-label", `Upload of ${file.name}`);
  return row;
}

export function showSending(row, share) {
  const hasArrived = share >= 1;
  row.dataset.state = "uploading";
  part(row, "progress").hidden = false;
  part(row, "progress").value = share;
  part(row, "label").textContent = hasArrived ? "Checking" : `${Math.floor(100 * share)} %`;
  part(row, "sentence").textContent = "";
  part(row, "retry").hidden = true;
}

export function showRefusal(row, error) {
  row.dataset.state = "refused";
  part(row, "progress").hidden = true;
  part(row, "label").textContent = error.isLasting ? "Refused" : "Not sent";
  part(row, "sentence").textContent = error.message;
  part(row, "retry").hidden = Boolean(error.isLasting);
}

/** The answer to an upload: from here on the row stands for a track. */
export function showReceived(row, track) {
  part(row, "progress").hidden = true;
  part(row, "retry").action = `${track.url}retry`;
  part(row, "delete").href = track.delete_url;
  part(row, "delete").hidden = false;
  row.dataset.track = track.id;
  row.toggleAttribute("data-duplicate", !track.is_new);
  showState(row, track);
}

/** Returns whether the row tells something new now. */
export function showState(row, track) {
  const hasChanged = row.dataset.state !== track.state;
  row.dataset.state = track.state;
  row.toggleAttribute("data-unfinished", track.is_unfinished);
  linkTitle(row, track);
  part(row, "detail").textContent = [track.artist, formatBytes(track.size_bytes)].filter(Boolean).join(" · ");
  part(row, "label").textContent = track.label;
  part(row, "sentence").textContent = sentenceOf(row, track);
  part(row, "retry").hidden = !track.is_retriable;
  part(row, "delete").dataset.confirmDelete = track.title;
  return hasChanged;
}

/** The server does not know the track, or does not know us any more. */
export function showGone(row) {
  row.removeAttribute("data-unfinished");
  row.dataset.state = "gone";
  part(row, "label").textContent = "Not here";
  part(row, "sentence").textContent = "This track was deleted, or you are no longer signed in. Reload the page to see.";
}

function sentenceOf(row, track) {
  if ("duplicate" in row.dataset) return "You already have this.";
  return track.state === "ready" ? "" : track.sentence;
}

function linkTitle(row, track) {
  const link = document.createElement("a");
  link.className = "upload-title";
  link.dataset.title = "";
  link.href = track.url;
  link.textContent = track.title;
  part(row, "title").replaceWith(link);
}
