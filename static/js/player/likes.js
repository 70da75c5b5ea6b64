/** Whether the listener likes what is playing. "change": it is known now, or different. */
import { say } from "../announcer.js";
import { showProblem } from "../problem-line.js";
import { post } from "../server.js";
import { gettext as _, interpolate } from "../words.js";
import { setIcon } from "./icons.js";
import { tellRadio } from "./radio.js";
import { currentTrack, sound } from "./sound.js";
import { fetchTracks } from "./tracks.js";

const OPINIONS = ["like", "dislike", "neither"];

const known = new Map();

export const likes = new EventTarget();

/** Whoever is signed in says what they like. */
export function maySay() {
  return document.querySelector("[data-sign-out]") !== null;
}

/** null while it is not known, as it never is of those who are not signed in. */
export function isLiked(trackId) {
  return known.get(trackId) ?? null;
}

export function watchLikes() {
  sound.addEventListener("change", () => currentTrack() && learn(currentTrack()));
  // The forms of pages say it as well.
  document.addEventListener("submit", ({ target, submitter }) => {
    const [, trackId] = /\/tracks\/(\d+)\/feedback$/.exec(target.action) ?? [];
    if (trackId && OPINIONS.includes(submitter?.value)) remember(trackId, submitter.value === "like");
  });
}

export async function toggleLike() {
  const track = currentTrack();
  const before = isLiked(track?.id);
  if (before === null) return;
  remember(track.id, !before);
  try {
    const body = new URLSearchParams({ say: before ? "neither" : "like" });
    await post(new URL("feedback", new URL(track.src, location.href)), { body });
    showOnPage(track.id, !before);
    say(interpolate(before ? _("“%(title)s” is no longer liked") : _("You like “%(title)s”"), { title: track.title }));
  } catch (error) {
    remember(track.id, before);
    showProblem(error.message);
  }
}

function remember(trackId, liked) {
  known.set(trackId, liked);
  tellRadio(trackId, liked);
  likes.dispatchEvent(new Event("change"));
}

/** The buttons of the page that say the same of this track. */
function showOnPage(trackId, liked) {
  for (const button of document.querySelectorAll(`form[action$="/tracks/${trackId}/feedback"] [data-opinion]`)) {
    const { opinion } = button.dataset;
    const isSaid = liked && opinion === "like";
    button.value = isSaid ? "neither" : opinion;
    button.setAttribute("aria-pressed", isSaid);
    setIcon(button, isSaid ? opinion : `${opinion}-it`);
  }
}

async function learn({ id }) {
  if (known.has(id) || !maySay()) return;
  known.set(id, null);
  const [found] = await fetchTracks([id]).catch(() => []);
  if (known.get(id) === null && found) known.set(id, found.liked);
  else if (!found) known.delete(id);
  likes.dispatchEvent(new Event("change"));
}
