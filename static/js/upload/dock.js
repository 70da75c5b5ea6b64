/** The uploads in one place: a bar at the bottom of every page while there are some, and a part of the upload page. */
import { say } from "../announcer.js";
import { filesOfDrop, sortOut } from "./chosen-files.js";
import { useHashWorker } from "./content-hashes.js";
import { watchDrops } from "./drop-zone.js";
import { enlivenEach } from "../enliven.js";
import { forgetExpired } from "./resume-storage.js";
import { followTracks } from "./followup.js";
import { noticesOf, showList, watchList } from "./list.js";
import { addFiles, cancelItems, describeChoice, pauseItems, resumeItems, startQueue, totalPace } from "./queue.js";
import { summarise } from "./summary.js";
import { allItems, isOpen, isUnresolved, removeItems, uploads } from "./uploads.js";

const dock = document.getElementById("dock");
const part = (name) => dock.querySelector(`[data-${name}]`);

let told = { isOpen: false, unresolved: 0 };

export function showUploads() {
  const { endpoint, known, states, worker, maxBytes, maxText } = dock.dataset;
  useHashWorker(worker);
  startQueue({ endpoint, known, maxBytes: Number(maxBytes), maxText });
  const wake = followTracks(states);
  forgetExpired();
  watchDrops(async (transfer) => take(await filesOfDrop(transfer)));
  watchButtons();
  watchList(part("list"), wake);
  uploads.addEventListener("change", show);
  uploads.addEventListener("arrival", wake);
  enlivenEach("[data-uploads-here]", moveInto);
}

/** Take what was chosen or dropped: a list of {file, path, isFromFolder}. */
export function take(found) {
  const { music, leftOut } = sortOut(found);
  addFiles(music);
  const sentence = describeChoice(music.length, leftOut);
  part("left-out").textContent = leftOut || !music.length ? sentence : "";
  say(sentence);
  show();
}

function watchButtons() {
  part("pause-all").addEventListener("click", () => pauseItems(allItems()));
  part("resume-all").addEventListener("click", () => resumeItems(allItems().filter((item) => item.state === "paused")));
  part("retry-all").addEventListener("click", () => resumeItems(allItems().filter((item) => item.state === "unsent")));
  part("cancel-all").addEventListener("click", () => cancelItems(allItems().filter(isOpen)));
  part("clear").addEventListener("click", () => {
    part("left-out").textContent = "";
    dropNotices();
    removeItems((item) => !isOpen(item));
  });
  part("toggle").addEventListener("click", () => {
    dock.classList.toggle("is-open");
    show();
  });
}

/** The upload page has a place for all of it; when that leaves, the bar is at the bottom again. */
function moveInto(place) {
  place.append(dock);
  dock.classList.add("is-here");
  show();
  return () => {
    dropNotices();
    dock.classList.remove("is-here");
    document.getElementById("player").before(dock);
    show();
  };
}

/** Of what was deleted from the list: each has the way back, for as long as one stays. */
function dropNotices() {
  for (const notice of noticesOf(part("list"))) notice.remove();
}

function show() {
  const items = allItems();
  const summary = summarise(items, totalPace);
  const isListShown = dock.matches(".is-here, .is-open");
  dock.hidden = items.length === 0 && !part("left-out").textContent && !noticesOf(part("list")).length;
  part("summary").textContent = summary.sentence;
  part("total").hidden = !summary.isOpen;
  part("total").value = summary.share;
  part("pause-all").hidden = !summary.isSending;
  part("resume-all").hidden = summary.isSending || !summary.isPaused;
  part("retry-all").hidden = !summary.hasUnsent;
  part("cancel-all").hidden = !summary.isOpen;
  part("clear").hidden = summary.isOpen;
  part("toggle").setAttribute("aria-expanded", isListShown);
  part("list").hidden = !isListShown;
  if (isListShown) showList(part("list"));
  tellRarely(summary, items.filter(isUnresolved));
}

/** Said aloud: that all is sent, and that something was refused; not each step on the way. */
function tellRarely(summary, unresolved) {
  if (told.isOpen && !summary.isOpen) say(summary.sentence);
  else if (unresolved.length > told.unresolved) say(`${unresolved.at(-1).name}: ${unresolved.at(-1).sentence}`);
  told = { isOpen: summary.isOpen, unresolved: unresolved.length };
}
