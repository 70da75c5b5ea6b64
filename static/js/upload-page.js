/** The upload page: sends what is chosen, a few files at a time, and follows every track until it is ready. */
import { post } from "./server.js";
import { followStates } from "./state-poller.js";
import { watchFiles } from "./drop-zone.js";
import { createQueue } from "./upload-queue.js";
import { sendFile } from "./upload-request.js";
import { createRow, showGone, showReceived, showRefusal, showSending, showState } from "./upload-row.js";

const PARALLEL_UPLOADS = 3;

const form = document.getElementById("upload-form");
const list = document.getElementById("uploads");
const connection = document.getElementById("connection");
const announcer = document.getElementById("announcer");
const queue = createQueue(PARALLEL_UPLOADS);
const files = new WeakMap();

const rowOf = (id) => list.querySelector(`[data-track="${id}"]`);

const wake = followStates({
  address: form.dataset.states,
  pendingIds: () => [...list.querySelectorAll("[data-unfinished]")].map((row) => row.dataset.track),
  onStates: (states, missingIds) => {
    for (const id of missingIds) if (rowOf(id)) showGone(rowOf(id));
    return states.filter((state) => rowOf(state.id) && tell(rowOf(state.id), state)).length > 0;
  },
  onConnection: (isThere) => {
    connection.hidden = isThere;
    connection.textContent = isThere ? "" : "The server does not answer right now. This page keeps trying.";
  },
});

function tell(row, state) {
  const hasChanged = showState(row, state);
  if (hasChanged && !state.is_unfinished) announcer.textContent = `${state.title}: ${state.label}. ${state.sentence}`;
  return hasChanged;
}

function addFiles(chosen) {
  const rows = chosen.map((file) => {
    const row = createRow(file);
    files.set(row, file);
    return row;
  });
  list.prepend(...rows);
  for (const row of rows) enqueue(row);
}

function enqueue(row) {
  const file = files.get(row);
  const refusal = refuse(file);
  if (refusal) refuseRow(row, file, refusal);
  else queue.add(() => send(row, file));
}

function refuse(file) {
  if (file.size === 0) return "This file is empty.";
  const isTooLarge = file.size > Number(form.dataset.maxBytes);
  return isTooLarge ? `This file is larger than the ${form.dataset.maxText} allowed here.` : "";
}

function refuseRow(row, file, sentence) {
  showRefusal(row, Object.assign(new Error(sentence), { isLasting: true }));
  announcer.textContent = `${file.name}: ${sentence}`;
}

async function send(row, file) {
  showSending(row, 0);
  try {
    const track = await sendFile(file, form.action, (share) => showSending(row, share));
    files.delete(row);
    const earlier = rowOf(track.id);
    if (earlier !== row) earlier?.remove();
    showReceived(row, track);
    wake();
  } catch (error) {
    showRefusal(row, error);
    announcer.textContent = `${file.name}: ${error.message}`;
  }
}

/** Try again: a file that did not arrive is sent again, a track that failed is analysed again. */
async function retry(row, retryForm) {
  if (files.has(row)) return enqueue(row);
  try {
    await post(retryForm.action);
    row.setAttribute("data-unfinished", "");
    retryForm.hidden = true;
    wake();
  } catch (error) {
    row.querySelector("[data-sentence]").textContent = error.message;
  }
  return undefined;
}

list.addEventListener("submit", (event) => {
  event.preventDefault();
  retry(event.target.closest("li"), event.target);
});
addEventListener("beforeunload", (event) => {
  if (queue.isBusy()) event.preventDefault();
});
watchFiles(document.getElementById("files"), addFiles);
wake();
