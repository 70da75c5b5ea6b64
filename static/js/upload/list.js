/**
 * The list of uploads: what is being sent, what needs a look, what is still to come, and then what has arrived, the latest
 * first. Long ones are cut.
 */
import { post } from "../server.js";
import { cancelItems, pauseItems, resumeItems } from "./queue.js";
import { createRow, setText, showItem } from "./row.js";
import { allItems, removeItems, tellChange } from "./uploads.js";
import { gettext as _, interpolate } from "../words.js";

const AT_ONCE = 60;
const RANK = { sending: 0, unsent: 1, refused: 1 };
const LAST = 2;

const rows = new Map();
const itemOf = new WeakMap();
// One for ever: a new one each time would take the focus away, and the click of whoever is just pressing it.
const moreRow = createMoreRow();

let shown = AT_ONCE;

/** `onTrack()` is told when a track is to be followed again. */
export function watchList(list, onTrack) {
  list.addEventListener("click", ({ target }) => {
    if (target.closest("[data-more]")) showMore(list);
    const item = itemOf.get(target.closest("li"));
    if (item && target.closest("[data-pause]")) (item.state === "paused" ? resumeItems : pauseItems)([item]);
    if (item && target.closest("[data-cancel]")) cancelItems([item]);
  });
  list.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-retry]")) return;
    event.preventDefault();
    retry(itemOf.get(event.target.closest("li")), onTrack);
  });
  list.addEventListener("deleted", ({ target }) => removeItems((item) => item === itemOf.get(target)));
}

export function showList(list) {
  const items = inOrder();
  const wanted = items.slice(0, shown).map(rowOf);
  if (items.length > shown) wanted.push(tellMore(items.length - shown));
  arrange(list, wanted);
  const kept = new Set(items);
  for (const item of rows.keys()) if (!kept.has(item)) rows.delete(item);
}

export function noticesOf(list) {
  return [...list.children].filter((row) => row.matches(".notice"));
}

function inOrder() {
  const arrived = allItems().filter((item) => item.track);
  arrived.sort((one, other) => other.arrival - one.arrival);
  const coming = allItems().filter((item) => !item.track);
  coming.sort((one, other) => (RANK[one.state] ?? LAST) - (RANK[other.state] ?? LAST));
  return [...coming, ...arrived];
}

function rowOf(item) {
  if (!rows.has(item)) {
    rows.set(item, createRow(item));
    itemOf.set(rows.get(item), item);
  }
  showItem(rows.get(item), item);
  return rows.get(item);
}

/** Moves as little as possible, and gives the focus back to what was moved with it. */
function arrange(list, wanted) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  // Notices are none of ours: each tells of a row that is gone.
  const notices = noticesOf(list);
  for (const row of [...list.children]) if (!wanted.includes(row) && !notices.includes(row)) row.remove();
  wanted.forEach((row, index) => {
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
}

function createMoreRow() {
  const row = document.createElement("li");
  const button = document.createElement("button");
  row.className = "uploads-more";
  button.type = "button";
  button.className = "button small";
  button.dataset.more = "";
  row.append(button);
  return row;
}

function tellMore(hidden) {
  setText(moreRow.firstElementChild, interpolate(_("Show %(count)s of %(hidden)s more"), { count: Math.min(AT_ONCE, hidden), hidden }));
  return moreRow;
}

function showMore(list) {
  shown += AT_ONCE;
  showList(list);
}

/** A file that did not arrive is sent again, a track that failed is analysed again. */
async function retry(item, onTrack) {
  if (!item.track) return resumeItems([item]);
  try {
    await post(`${item.track.url}retry`);
    Object.assign(item.track, { is_unfinished: true, is_retriable: false });
    onTrack();
  } catch (error) {
    item.track.sentence = error.message;
  }
  return tellChange();
}
