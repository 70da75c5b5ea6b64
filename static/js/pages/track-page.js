/** A track page that fills itself in while the track is still being analysed. */
import { adopt } from "../navigation.js";
import { enlivenEach, look } from "../enliven.js";
import { followStates } from "../state-poller.js";
import { Waveform } from "./waveform.js";

export function enlivenTrackPages() {
  enlivenEach("canvas[data-waveform]", (canvas) => {
    const waveform = new Waveform(canvas);
    return () => waveform.detach();
  });
  enlivenEach("#track-page[data-unfinished]", followTrack);
}

function followTrack(page) {
  const follower = followStates({
    address: page.dataset.states,
    pendingIds: () => ("unfinished" in page.dataset ? [page.dataset.track] : []),
    onStates: ([state], gone) => {
      if (gone.length) delete page.dataset.unfinished;
      const hasChanged = Boolean(state) && state.state !== page.dataset.unfinished;
      if (hasChanged) takeFreshPage(page);
      return hasChanged;
    },
  });
  follower.wake();
  return follower.stop;
}

async function takeFreshPage(page) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("track-page");
  if (!fresh || !page.isConnected) return;
  for (const plain of fresh.querySelectorAll("noscript")) plain.remove();
  page.replaceWith(fresh);
  adopt(fresh);
  look();
}
