/** Shows how far the work behind the pages is, and the page anew when it is over. */
import { enlivenEach } from "../../enliven.js";
import { visit } from "../../navigation.js";
import { followStates } from "../../state-poller.js";
import { gettext as _ } from "../../words.js";

export function enlivenJobs() {
  enlivenEach("[data-job]", (section) => {
    const { job: id, address } = section.dataset;
    const follower = followStates({ address, key: "jobs", pendingIds: () => [id], onStates: ([state]) => show(section, state) });
    follower.wake();
    return follower.stop;
  });
}

/** Whether it has gone on. One that is not told any more is nothing to wait for. */
function show(section, state) {
  if (!state || state.is_over) {
    section.querySelector("[data-live]").textContent = _("It is done.");
    visit(location.href);
    return false;
  }
  const bar = section.querySelector("progress");
  const hasChanged = bar.value !== state.done;
  bar.value = state.done;
  section.querySelector("[data-told]").textContent = state.told;
  return hasChanged;
}
