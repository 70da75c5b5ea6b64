/** What comes after the last byte: the states of the tracks, and the cover that lay beside the file. */
import { say } from "../announcer.js";
import { formatNumber } from "../format.js";
import { post } from "../server.js";
import { followStates } from "../state-poller.js";
import { allItems, itemOfTrack, tellChange } from "./uploads.js";
import { interpolate, ngettext } from "../words.js";

const LARGEST_COVER_BYTES = 10 * 1024 * 1024;

let covers = Promise.resolve();

/** Returns a function that starts following (again) now. */
export function followTracks(address) {
  const follower = followStates({
    address,
    pendingIds: () => allItems().filter(isToFollow).map((item) => String(item.track.id)),
    onStates: (states, missingIds) => {
      for (const id of missingIds) settleGone(itemOfTrack(id));
      return states.map((track) => settleState(itemOfTrack(track.id), track)).some(Boolean);
    },
  });
  return follower.wake;
}

function isToFollow(item) {
  return item.track !== null && item.state !== "gone" && (item.track.is_unfinished ?? true);
}

function settleState(item, track) {
  if (!item) return false;
  const hasChanged = item.state !== track.state;
  Object.assign(item, { track, state: track.state });
  tellChange();
  if (!track.is_unfinished) settleEnd(item, track);
  return hasChanged;
}

function settleEnd(item, track) {
  if (item.cover && !item.isDuplicate && track.state !== "failed") {
    const { cover } = item;
    covers = covers.then(() => sendCover(track, cover));
  }
  item.cover = null;
  if (!allItems().some((other) => isToFollow(other))) sayEnd();
}

function settleGone(item) {
  if (!item) return;
  item.state = "gone";
  tellChange();
}

function sayEnd() {
  const ready = allItems().filter((item) => item.state === "ready").length;
  const failed = allItems().filter((item) => item.state === "failed").length;
  const told = [
    ready && interpolate(ngettext("%(count)s track ready.", "%(count)s tracks ready.", ready), { count: formatNumber(ready) }),
    failed && interpolate(ngettext("%(count)s track failed.", "%(count)s tracks failed.", failed), { count: formatNumber(failed) }),
  ];
  say(told.filter(Boolean).join(" "));
}

/** Only now, when it is known whether the file has a cover in itself. A picture that is refused is not missed. */
async function sendCover(track, cover) {
  if (cover.size > LARGEST_COVER_BYTES) return;
  const body = new FormData();
  body.append("cover", cover, cover.name);
  body.append("only_if_missing", "1");
  await post(`${track.url}cover`, { body }).catch(() => null);
}
