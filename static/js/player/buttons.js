/**
 * Buttons of the pages that play something: they carry a track in their data attributes, or say where the tracks are.
 * How they look while their track plays. And links to a moment of a track that has a button on the page.
 */
import { enlivenEach } from "../enliven.js";
import { closeMenu } from "../menus.js";
import { showProblem } from "../problem-line.js";
import { gettext as _, interpolate } from "../words.js";
import { setIcon } from "./icons.js";
import { enqueue, playTracks } from "./queue.js";
import { makeStation, startRadio } from "./radio.js";
import { currentTrack, isPlaying, play, seek, sound, toggle } from "./sound.js";
import { fetchTracks, fetchTracksFrom } from "./tracks.js";

// So long a button shows that what it is for was done.
const DONE_MS = 1500;

const ACTS = {
  "[data-play]": (button) => pressPlay(button),
  "[data-play-all]": (button) => playAll(button),
  "[data-enqueue]": (button) => addToQueue(button),
  "[data-radio]": (button) => startRadio(button.dataset.radio.split(",")),
};

export function trackOf(button) {
  const { play: id, src, page, title, artist, cover, format, download, ...measured } = button.dataset;
  const gain = measured.gain ? Number(measured.gain) : null;
  return { id, src, page, title, artist, cover, format, download, duration: Number(measured.duration), gain };
}

/** Play the track of a button with all others of its list, `startSeconds` into it. */
export function playButton(button, startSeconds = 0) {
  const list = button.closest("[data-play-list]");
  if (!list) return playTracks([trackOf(button)], { start: startSeconds });
  const buttons = [...list.querySelectorAll("[data-play]")];
  const radio = list.dataset.radioFrom ? makeStation(list.dataset.radioFrom.split(",")) : null;
  return playTracks(buttons.map(trackOf), { from: buttons.indexOf(button), start: startSeconds, radio });
}

export function watchPlayButtons() {
  document.addEventListener("click", (event) => {
    if (isPlainClick(event)) actOn(event);
  });
  sound.addEventListener("change", () => document.querySelectorAll("[data-play]").forEach(markButton));
  enlivenEach("[data-play]", markButton);
}

function isPlainClick(event) {
  return event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

function actOn(event) {
  for (const [selector, act] of Object.entries(ACTS)) {
    const button = event.target.closest(selector);
    if (!button) continue;
    event.preventDefault();
    Promise.resolve(act(button)).catch((error) => showProblem(error.message));
    return;
  }
  playMoment(event);
}

function pressPlay(button) {
  if (button.dataset.play === currentTrack()?.id) return toggle();
  if (button.dataset.list) return playListOf(button);
  return playButton(button, Number(button.dataset.start ?? 0));
}

/** A card that stands for more than one track. */
async function playListOf(button) {
  const tracks = someOf(await fetchTracksFrom(button.dataset.list));
  playTracks(tracks, { from: Math.max(0, tracks.findIndex(({ id }) => id === button.dataset.play)) });
}

async function playAll(button) {
  const { playAll: where } = button.dataset;
  const found = () => [...document.querySelector(where).querySelectorAll("[data-play]")].map(trackOf);
  const tracks = someOf(where.startsWith("/") ? await fetchTracksFrom(where) : found());
  playTracks(tracks, { shuffle: "shuffle" in button.dataset });
}

function someOf(tracks) {
  if (!tracks.length) throw new Error(_("There is nothing here that can be played."));
  return tracks;
}

async function addToQueue(button) {
  const { enqueue: id, next } = button.dataset;
  const tracks = await fetchTracks([id]);
  if (!tracks.length) throw new Error(_("This track cannot be played any more."));
  enqueue(tracks, { next: next !== undefined });
  showDone(button);
}

/** On the button of the menu where it was in one. */
function showDone(button) {
  const menu = button.closest("details");
  if (menu) closeMenu(menu);
  const shown = menu?.querySelector("summary") ?? button;
  const before = setIcon(shown, "done");
  if (before !== "done") setTimeout(() => setIcon(shown, before), DONE_MS);
}

function playMoment(event) {
  const link = event.target.closest("a[data-start]");
  const button = link && document.querySelector(`[data-play="${link.dataset.track}"]`);
  if (!button) return;
  event.preventDefault();
  const seconds = Number(link.dataset.start);
  if (link.dataset.track !== currentTrack()?.id) {
    playButton(button, seconds);
    return;
  }
  seek(seconds);
  play();
}

function markButton(button) {
  const isCurrent = isPlaying() && button.dataset.play === currentTrack().id;
  button.classList.toggle("is-playing", isCurrent);
  const label = isCurrent ? _("Pause %(title)s") : _("Play %(title)s");
  button.setAttribute("aria-label", interpolate(label, { title: button.dataset.title }));
}
