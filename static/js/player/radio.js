/** A queue that never runs out: the server says what follows, and hears what was liked and skipped. */
import { say } from "../announcer.js";
import { showProblem } from "../problem-line.js";
import { gettext as _, interpolate } from "../words.js";
import {
  clearUpcoming,
  currentStation,
  offer,
  playedTracks,
  playNext,
  playTracks,
  queue,
  upcomingEntries,
} from "./queue.js";
import { isPlaying } from "./sound.js";
import { fetchRadio, fetchTracks } from "./tracks.js";

const LEAST_AHEAD = 3;
const FETCHED = 6;
// All of them have to fit into an address, which servers take up to 4 KB of.
const REMEMBERED = 300;
const STEERING = 80;
// As the server counts: who heard so much of a track has not skipped it.
const HEARD_SECONDS = 30;

let asking = null;
// The station that has nothing left to play and waits for an answer.
let waiting = null;

export function keepRadioGoing() {
  queue.addEventListener("change", refill);
  queue.addEventListener("left", ({ detail }) => hearSkip(detail));
  queue.addEventListener("out", waitForMore);
}

/** From a track, or the middle of several. Throws an Error whose message is for people. */
export async function startRadio(seedIds) {
  const [seed] = await fetchTracks(seedIds.slice(0, 1));
  if (!seed) throw new Error(_("This track cannot be played any more."));
  playTracks([seed], { radio: makeStation(seedIds) });
  say(interpolate(_("Radio from “%(title)s”"), seed));
}

/** What `playTracks` wants to know of a radio. */
export function makeStation(seedIds) {
  return { seeds: seedIds, liked: [], skipped: [] };
}

/** What somebody likes moves what comes next. */
export function tellRadio(trackId, isLiked) {
  const station = currentStation();
  if (!station) return;
  station.liked = station.liked.filter((id) => id !== trackId);
  if (isLiked) steer("liked", trackId);
}

function hearSkip({ track, seconds, total }) {
  if (currentStation() && seconds < Math.min(HEARD_SECONDS, total / 2)) steer("skipped", track.id);
}

/** What was offered before is offered anew. */
function steer(kind, trackId) {
  const station = currentStation();
  station[kind] = [...new Set([...station[kind], trackId])].slice(-STEERING);
  asking = null;
  clearUpcoming({ isOffered: true });
}

async function refill() {
  const station = currentStation();
  if (!station || asking?.station === station || upcomingEntries().length >= LEAST_AHEAD) return;
  const asked = { station };
  asking = asked;
  try {
    const { tracks } = await fetchRadio(station.seeds, describeSession(station));
    if (asking === asked) takeOver(station, tracks);
  } catch (error) {
    if (asking !== asked) return;
    asking = null;
    if (endWaiting(station)) showProblem(error.message);
  }
}

function takeOver(station, tracks) {
  asking = null;
  if (station !== currentStation()) return;
  const isWaiting = endWaiting(station);
  if (tracks.length) offer(tracks);
  if (isWaiting && tracks.length) playNext();
  else if (isWaiting) showProblem(_("The radio has nothing to go on with right now."));
}

/** Whether it still waited: who has gone on with something else meanwhile is not interrupted. */
function endWaiting(station) {
  const isWaiting = waiting === station && !isPlaying();
  waiting = null;
  return isWaiting;
}

function waitForMore() {
  waiting = currentStation();
  refill();
}

function describeSession({ liked, skipped }) {
  const ids = [...playedTracks(), ...upcomingEntries().map(({ track }) => track)].map(({ id }) => id);
  return { played: ids.slice(-REMEMBERED).join(), liked: liked.join(), skipped: skipped.join(), count: FETCHED };
}
