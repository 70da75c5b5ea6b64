/** Keys that work anywhere on a page but where something is typed; who does not want them switches them off. */
import { isElsewhere } from "../keys-elsewhere.js";
import { acts, changeVolume } from "./controls.js";
import { closeFromBeside, openSheet } from "./drawer.js";
import { setting } from "./settings.js";
import { currentTrack, position, seek } from "./sound.js";

const SEEK_SECONDS = 5;
const VOLUME_STEP = 0.1;

const PLAYER_KEYS = {
  " ": acts.toggle,
  n: acts.next,
  p: acts.previous,
  m: acts.mute,
  s: acts.shuffle,
  r: acts.repeat,
  l: acts.like,
  q: openSheet,
  ArrowLeft: () => seek(position() - SEEK_SECONDS),
  ArrowRight: () => seek(position() + SEEK_SECONDS),
  "Shift+ArrowUp": () => changeVolume(VOLUME_STEP),
  "Shift+ArrowDown": () => changeVolume(-VOLUME_STEP),
};

const sheet = document.getElementById("shortcuts");

export function watchShortcuts() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !setting("hasShortcuts") || isElsewhere(event)) return;
    const act = actOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-act=shortcuts]")) showShortcuts();
  });
  closeFromBeside(sheet);
}

function showShortcuts() {
  document.querySelector("dialog[open]")?.close();
  sheet.showModal();
}

function actOf({ key, shiftKey }) {
  if (key === "?") return showShortcuts;
  if (key === "/") return search;
  if (!currentTrack()) return null;
  if (key.startsWith("Arrow")) return PLAYER_KEYS[shiftKey ? `Shift+${key}` : key];
  return shiftKey ? null : PLAYER_KEYS[key.toLowerCase()];
}

function search() {
  document.querySelector("dialog[open]")?.close();
  document.querySelector("header .search input")?.focus();
}
