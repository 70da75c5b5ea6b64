/** The upload page: choosing files, and what the server has of earlier uploads. */
import { filesOfChooser } from "./chosen-files.js";
import { enlivenEach } from "../enliven.js";
import { showProblem } from "../problem-line.js";
import { fingerprintOf, storedAddress } from "./resume-storage.js";
import { post } from "../server.js";
import { followStates } from "../state-poller.js";
import { take } from "./dock.js";
import { showGone, showState } from "./row.js";
import { allItems, isOpen, itemOfTrack, uploads } from "./uploads.js";
import { gettext as _ } from "../words.js";

export function enlivenUploadPages() {
  enlivenEach("#upload-form input[type=file]", (chooser) => {
    const takeChosen = () => take(filesOfChooser(chooser));
    chooser.addEventListener("change", takeChosen);
    // Somebody was quicker than this script came.
    if (chooser.files.length) takeChosen();
  });
  enlivenEach("[data-left-uploads]", followLeft);
  enlivenEach("#uploads", followRows);
}

/** What the server has of uploads that ended early. What this document is sending right now did not. */
function followLeft(list) {
  const showOthers = () => {
    const ours = new Set(allItems().filter(isOpen).map((item) => storedAddress(fingerprintOf(item))));
    for (const row of list.querySelectorAll("[data-address]")) {
      row.hidden = ours.has(new URL(row.dataset.address, location.href).href);
    }
  };
  list.addEventListener("submit", dismiss);
  uploads.addEventListener("change", showOthers);
  showOthers();
  return () => uploads.removeEventListener("change", showOthers);
}

async function dismiss(event) {
  event.preventDefault();
  try {
    await post(event.target.action);
    event.target.closest("li").remove();
  } catch (error) {
    showProblem(error.message);
  }
}

/** Rows that the server made: each follows its track, unless that is among the uploads of this document. */
function followRows(list) {
  const rowOf = (id) => list.querySelector(`[data-track="${id}"]`);
  const follower = followStates({
    address: list.dataset.states,
    pendingIds: () => [...list.querySelectorAll("[data-unfinished]")].map((row) => row.dataset.track),
    onStates: (states, missingIds) => {
      for (const id of missingIds) if (rowOf(id)) showGone(rowOf(id));
      return states.filter((state) => rowOf(state.id) && showState(rowOf(state.id), state)).length > 0;
    },
    onConnection: showConnection,
  });
  const showOnce = () => {
    for (const row of list.querySelectorAll("[data-track]")) if (itemOfTrack(row.dataset.track)) row.remove();
  };
  list.addEventListener("submit", (event) => {
    // A notice in the place of a row has a form of its own.
    if (!event.target.matches("[data-retry]")) return;
    event.preventDefault();
    retry(event.target, follower.wake);
  });
  uploads.addEventListener("change", showOnce);
  showOnce();
  follower.wake();
  return () => {
    uploads.removeEventListener("change", showOnce);
    follower.stop();
  };
}

function showConnection(isThere) {
  const line = document.getElementById("connection");
  line.hidden = isThere;
  line.textContent = isThere ? "" : _("The server does not answer right now. This page keeps trying.");
}

async function retry(form, wake) {
  const row = form.closest("li");
  try {
    await post(form.action);
    row.setAttribute("data-unfinished", "");
    form.hidden = true;
    wake();
  } catch (error) {
    row.querySelector("[data-sentence]").textContent = error.message;
  }
}
