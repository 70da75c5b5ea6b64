/** A track page that fills itself in while the track is still being analysed. */
import { announce } from "./sound.js";
import { followStates } from "./state-poller.js";
import { Waveform } from "./waveform.js";

let waveform = null;

function enliven() {
  waveform?.detach();
  const canvas = document.querySelector("canvas[data-waveform]");
  waveform = canvas && new Waveform(canvas);
  announce();
}

async function takeFreshPage() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("track-page");
  document.getElementById("track-page").replaceWith(fresh);
  enliven();
}

const page = () => document.getElementById("track-page");
const wake = followStates({
  address: page().dataset.states,
  pendingIds: () => ("unfinished" in page().dataset ? [page().dataset.track] : []),
  onStates: ([state], gone) => {
    if (gone.length) delete page().dataset.unfinished;
    const hasChanged = Boolean(state) && state.state !== page().dataset.unfinished;
    if (hasChanged) takeFreshPage();
    return hasChanged;
  },
  onConnection: () => {},
});

enliven();
wake();
