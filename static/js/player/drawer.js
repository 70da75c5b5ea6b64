/** The sheet with what comes next: to look at, to put into another order, to take out of, to jump in. */
import { say } from "../announcer.js";
import { adopt } from "../navigation.js";
import { formatDuration, formatNumber } from "../format.js";
import { gettext as _, interpolate } from "../words.js";
import { currentStation, jumpTo, moveEntry, queue, removeEntry, upcomingEntries } from "./queue.js";
import { choose, setting } from "./settings.js";
import { setSleepTimer, sleepTimer } from "./sleep-timer.js";

const SHOWN = 200;
const STEPS = { ArrowUp: -1, ArrowDown: 1 };

const sheet = document.getElementById("sheet");
const list = sheet.querySelector("[data-entries]");
const [close, clear] = ["close", "clear"].map((act) => sheet.querySelector(`[data-act=${act}]`));
const template = document.getElementById("queue-row");

let draggedKey = null;

export function openSheet() {
  if (sheet.open) {
    sheet.close();
    return;
  }
  sheet.showModal();
  showEntries();
}

export function watchSheet() {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-act=queue]")) openSheet();
    else if (target.closest("#sheet [data-act=close]")) sheet.close();
  });
  closeFromBeside(sheet);
  queue.addEventListener("change", () => sheet.open && showEntries());
  list.addEventListener("click", press);
  list.addEventListener("keydown", pressKey);
  watchDragging();
  watchSettings();
  adopt(sheet);
}

/** A click on what lies around a dialog counts as one on the dialog itself. */
export function closeFromBeside(dialog) {
  dialog.addEventListener("click", ({ target, clientX, clientY }) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const isInside = clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
    if (target === dialog && !isInside) dialog.close();
  });
}

function showEntries() {
  const focused = focusedPart();
  const entries = upcomingEntries();
  list.replaceChildren(...entries.slice(0, SHOWN).map(makeRow));
  sheet.querySelector("[data-nothing]").hidden = entries.length > 0 || currentStation() !== null;
  sheet.querySelector("[data-more]").textContent = sayMore(entries.length - SHOWN);
  sheet.querySelector("[data-station]").hidden = currentStation() === null;
  // Before it goes, and the focus with it.
  if (!entries.length && clear === document.activeElement) close.focus();
  clear.hidden = entries.length === 0;
  if (focused) giveFocus(focused);
}

function sayMore(count) {
  return count > 0 ? interpolate(_("and %(count)s more"), { count: formatNumber(count) }) : "";
}

function makeRow({ key, track }) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.key = key;
  row.querySelector("[data-art]").src = track.cover;
  row.querySelector("[data-name]").textContent = track.title;
  row.querySelector("[data-by]").textContent = track.artist;
  row.querySelector("[data-length]").textContent = formatDuration(track.duration);
  for (const button of row.querySelectorAll("[data-do]")) {
    button.setAttribute("aria-label", button.getAttribute("aria-label").replace("%", () => track.title));
  }
  return row;
}

/** Rows are made anew with every change: whoever had the focus on one has it again. */
function focusedPart() {
  const row = list.contains(document.activeElement) ? document.activeElement.closest("li") : null;
  if (!row) return null;
  return { key: row.dataset.key, part: document.activeElement.dataset.do, index: [...list.children].indexOf(row) };
}

function giveFocus({ key, part, index }) {
  const row = rowOf(key) ?? list.children[Math.min(index, list.children.length - 1)];
  (row?.querySelector(`[data-do=${part}]`) ?? close).focus();
}

function rowOf(key) {
  return [...list.children].find((row) => row.dataset.key === key);
}

function press({ target }) {
  const button = target.closest("[data-do]");
  if (!button) return;
  const { key } = button.closest("li").dataset;
  if (button.dataset.do === "jump") jumpTo(key);
  if (button.dataset.do === "remove") remove(key);
  if (button.dataset.do === "earlier") shift(key, -1);
  if (button.dataset.do === "later") shift(key, 1);
}

function pressKey(event) {
  const row = event.target.closest("li");
  const isMeant = row && event.altKey && event.key in STEPS;
  if (isMeant) shift(row.dataset.key, STEPS[event.key]);
  else if (row && event.key === "Delete") remove(row.dataset.key);
  else return;
  event.preventDefault();
}

function remove(key) {
  const title = titleOf(key);
  removeEntry(key);
  say(interpolate(_("Took “%(title)s” out of the queue"), { title }));
}

function shift(key, step) {
  const from = upcomingEntries().findIndex((entry) => entry.key === key);
  const to = from + step;
  if (to < 0 || to >= upcomingEntries().length) return;
  // The place is counted before the entry is taken out.
  moveEntry(key, step > 0 ? to + 1 : to);
  sayPlace(key);
}

function sayPlace(key) {
  const entries = upcomingEntries();
  const at = entries.findIndex((entry) => entry.key === key);
  const told = { title: entries[at].track.title, place: at + 1, count: entries.length };
  say(interpolate(_("“%(title)s” is now number %(place)s of %(count)s"), told));
}

function titleOf(key) {
  return upcomingEntries().find((entry) => entry.key === key)?.track.title;
}

function watchDragging() {
  list.addEventListener("dragstart", (event) => {
    draggedKey = event.target.closest("li").dataset.key;
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => draggedKey && event.preventDefault());
  list.addEventListener("drop", (event) => {
    const row = event.target.closest("li");
    event.preventDefault();
    if (row && draggedKey) moveEntry(draggedKey, placeAt(row, event.clientY));
  });
  list.addEventListener("dragend", () => (draggedKey = null));
}

/** Before the row or after it, whichever half the pointer is on. */
function placeAt(row, y) {
  const { top, height } = row.getBoundingClientRect();
  return [...list.children].indexOf(row) + (y > top + height / 2 ? 1 : 0);
}

function watchSettings() {
  const [crossfade, sleep] = ["crossfade", "sleep"].map((name) => sheet.querySelector(`[name=${name}]`));
  const told = sheet.querySelector("[data-sleep]");
  crossfade.value = String(setting("crossfade"));
  crossfade.addEventListener("change", () => choose("crossfade", Number(crossfade.value)));
  sleep.addEventListener("change", () => setSleepTimer(sleep.value));
  sleepTimer.addEventListener("change", ({ detail }) => {
    told.textContent = detail;
    told.hidden = !detail;
    if (!detail) sleep.value = "";
  });
  for (const box of document.querySelectorAll("[data-setting]")) {
    box.checked = setting(box.dataset.setting);
    box.addEventListener("change", () => choose(box.dataset.setting, box.checked));
  }
}
