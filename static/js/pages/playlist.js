/**
 * The tracks of a playlist, put into another order: dragged, with Alt and the arrow keys, or by the menu of a row. The row
 * moves at once and the server is told; without scripts the same buttons send the form.
 */
import { say } from "../announcer.js";
import { enlivenEach } from "../enliven.js";
import { visit } from "../navigation.js";
import { showProblem } from "../problem-line.js";
import { post } from "../server.js";
import { gettext as _, interpolate } from "../words.js";

const STEPS = { ArrowUp: "up", ArrowDown: "down" };
const DRAG_PIXELS = 4;

// One after the other: what is said of a place depends on what came before.
let told = Promise.resolve();

export function enlivenPlaylists() {
  enlivenEach("[data-reorder]", (list) => {
    list.addEventListener("click", (event) => pressButton(list, event));
    list.addEventListener("keydown", (event) => pressKey(list, event));
    watchDragging(list);
  });
  // Neither helps where there is but a touch screen.
  enlivenEach("#playlist-hint", (hint) => {
    hint.hidden = !matchMedia("(any-pointer: fine)").matches;
  });
  enlivenEach("#suggestion-told", tellWhatWasDone);
}

/** The button that was pressed is there again in the next suggestion, unless there are fewer now. */
function tellWhatWasDone({ textContent: sentence }) {
  if (!sentence) return;
  say(sentence);
  if (document.activeElement === document.body) document.getElementById("suggestions-title").focus();
}

function pressButton(list, event) {
  const button = event.target.closest("button[name=do]");
  const isHere = button && button.value in { up: 1, down: 1 };
  if (isHere && step(list, button.closest("li[data-entry]"), button.value)) event.preventDefault();
}

function pressKey(list, event) {
  const row = event.target.closest("li[data-entry]");
  if (!row || !event.altKey || !(event.key in STEPS)) return;
  event.preventDefault();
  if (!step(list, row, STEPS[event.key])) row.querySelector(`button[value=${STEPS[event.key]}]`).click();
}

/** Whether there is a place for it on this page; beyond, the form leads on. */
function step(list, row, direction) {
  const other = direction === "up" ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return isAtTheEnd(list, direction);
  const focused = document.activeElement;
  place(row, other, direction === "down");
  focused?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  tell(list, row);
  return true;
}

function isAtTheEnd(list, direction) {
  const first = Number(list.dataset.first);
  const isLast = first + list.children.length > Number(list.dataset.total);
  const isEnd = direction === "up" ? first === 1 : isLast;
  if (isEnd) say(direction === "up" ? _("It is the first already") : _("It is the last already"));
  return isEnd;
}

function place(row, other, isAfter) {
  if (isAfter) other.after(row);
  else other.before(row);
}

function tell(list, row) {
  const [before, after] = [row.nextElementSibling, row.previousElementSibling];
  const title = row.querySelector(".names a").textContent;
  const number = Number(list.dataset.first) + [...list.children].indexOf(row);
  say(interpolate(_("“%(title)s” is now number %(number)s of %(total)s"), { title, number, total: list.dataset.total }));
  const body = new FormData();
  if (before) body.append("before", before.dataset.entry);
  else body.append("after", after.dataset.entry);
  const address = row.querySelector("button[name=do]").formAction;
  told = told.then(() => post(address, { body })).catch((error) => startAgain(list, error));
}

function startAgain(list, error) {
  showProblem(error.message);
  if (list.isConnected) visit(location.href);
}

/** With a mouse or a pen. On a touch screen a finger scrolls; there the menu of a row moves it. */
function watchDragging(list) {
  let dragged = null;
  let from = null;

  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("li[data-entry]");
    const isMeant = row && event.button === 0 && event.pointerType !== "touch";
    if (!isMeant || event.target.closest("button, a, summary, details")) return;
    [dragged, from] = [row, { y: event.clientY, next: row.nextElementSibling, isMoving: false }];
    // No text is selected while a row is on its way.
    event.preventDefault();
    list.setPointerCapture(event.pointerId);
  });
  list.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    from.isMoving ||= Math.abs(event.clientY - from.y) > DRAG_PIXELS;
    if (!from.isMoving) return;
    dragged.setAttribute("aria-selected", "true");
    follow(dragged, event.clientY);
  });
  const drop = () => {
    if (!dragged) return;
    const row = dragged;
    dragged = null;
    row.removeAttribute("aria-selected");
    if (row.nextElementSibling !== from.next) tell(list, row);
  };
  list.addEventListener("pointerup", drop);
  list.addEventListener("pointercancel", drop);
}

/** Past each neighbour whose middle the pointer has crossed. */
function follow(row, y) {
  const [above, below] = [row.previousElementSibling, row.nextElementSibling];
  if (above && y < middleOf(above)) above.before(row);
  else if (below && y > middleOf(below)) below.after(row);
}

function middleOf(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}
