/** The buttons of the player, wherever in it they are: what they do, and what they say about how things stand. */
import { say } from "../announcer.js";
import { formatShare } from "../format.js";
import { gettext as _, interpolate } from "../words.js";
import { setIcon } from "./icons.js";
import { isLiked, likes, maySay, toggleLike } from "./likes.js";
import {
  clearUpcoming,
  cycleRepeat,
  hasNext,
  orderModes,
  playNext,
  playPrevious,
  queue,
  toggleShuffle,
  upcomingEntries,
} from "./queue.js";
import { choose, setting, settings } from "./settings.js";
import { currentTrack, sound, toggle } from "./sound.js";

const REPEAT_LABELS = { off: _("Repeat"), all: _("Repeat: the queue"), one: _("Repeat: this track") };

const inPlayer = (selector) => document.querySelectorAll(`:is(#player, #sheet) ${selector}`);

export const acts = {
  toggle,
  next: playNext,
  previous: playPrevious,
  shuffle: toggleShuffle,
  repeat: cycleRepeat,
  like: toggleLike,
  mute: toggleMute,
  clear: clearAll,
};

/** By so much of the whole, as keys do it. */
export function changeVolume(step) {
  const hundredths = Math.round(100 * (setting("volume") + step));
  chooseVolume(Math.min(100, Math.max(0, hundredths)) / 100);
  say(interpolate(_("Volume %(share)s"), { share: formatShare(setting("volume")) }));
}

export function watchControls() {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-act]");
    acts[button?.dataset.act]?.();
  });
  for (const slider of inPlayer("[data-volume]")) {
    slider.addEventListener("input", () => chooseVolume(Number(slider.value)));
  }
  queue.addEventListener("change", showModes);
  settings.addEventListener("change", showLevels);
  sound.addEventListener("change", showLike);
  likes.addEventListener("change", showLike);
  showLevels();
}

function toggleMute() {
  choose("isMuted", !setting("isMuted"));
  say(setting("isMuted") ? _("Muted") : _("No longer muted"));
}

function clearAll() {
  clearUpcoming();
  say(_("The queue is empty"));
}

function chooseVolume(volume) {
  choose("volume", volume);
  if (volume && setting("isMuted")) choose("isMuted", false);
}

function showModes() {
  const { isShuffled, repeat } = orderModes();
  for (const button of inPlayer("[data-act=shuffle]")) button.setAttribute("aria-pressed", isShuffled);
  for (const button of inPlayer("[data-act=repeat]")) {
    button.setAttribute("aria-pressed", repeat !== "off");
    button.setAttribute("aria-label", REPEAT_LABELS[repeat]);
    setIcon(button, repeat === "one" ? "repeat-one" : "repeat");
  }
  // Not disabled: the focus of whoever pressed it would be lost.
  for (const button of inPlayer("[data-act=next]")) button.setAttribute("aria-disabled", !hasNext());
  for (const count of inPlayer("[data-count]")) count.textContent = upcomingEntries().length || "";
}

function showLevels() {
  const isMuted = setting("isMuted") || setting("volume") === 0;
  for (const button of inPlayer("[data-act=mute]")) {
    button.setAttribute("aria-pressed", setting("isMuted"));
    setIcon(button, isMuted ? "muted" : "volume");
  }
  for (const slider of inPlayer("[data-volume]")) {
    slider.value = setting("isMuted") ? 0 : setting("volume");
    slider.setAttribute("aria-valuetext", setting("isMuted") ? _("Muted") : formatShare(setting("volume")));
  }
}

function showLike() {
  const liked = isLiked(currentTrack()?.id) === true;
  for (const button of inPlayer("[data-act=like]")) {
    // Not only once it is known: what stands beside it would move with every track.
    button.hidden = !maySay();
    button.setAttribute("aria-pressed", liked);
    setIcon(button, liked ? "like" : "like-it");
  }
}
