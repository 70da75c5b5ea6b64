/** The buttons of the player, wherever in it they are: what they do, and what they say about how things stand. */
import { say } from "../announcer.js";
import { setIcon } from "./icons.js";
import { isLiked, likes, toggleLike } from "./likes.js";
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

const REPEAT_LABELS = { off: "Repeat", all: "Repeat: the queue", one: "Repeat: this track" };

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
  chooseVolume(Math.min(1, Math.max(0, setting("volume") + step)));
  say(`Volume ${Math.round(100 * setting("volume"))} %`);
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
  say(setting("isMuted") ? "Muted" : "No longer muted");
}

function clearAll() {
  clearUpcoming();
  say("The queue is empty");
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
    slider.setAttribute("aria-valuetext", setting("isMuted") ? "Muted" : `${Math.round(100 * setting("volume"))} %`);
  }
}

function showLike() {
  const liked = isLiked(currentTrack()?.id);
  for (const button of inPlayer("[data-act=like]")) {
    button.hidden = liked === null;
    button.setAttribute("aria-pressed", liked === true);
    setIcon(button, liked ? "like" : "like-it");
  }
}
