/**
 * Buttons that carry a track in their data attributes: the click, and how they look while it plays. And links to a moment
 * of a track that has a button on the page.
 */
import { enlivenEach } from "../enliven.js";
import { currentTrack, isPlaying, playFrom, sound, toggle } from "./sound.js";

export function trackOf(button) {
  const { play, src, page, title, artist, cover, format, download } = button.dataset;
  return { id: play, src, page, title, artist, cover, format, download, duration: Number(button.dataset.duration) };
}

export function watchPlayButtons() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-play]");
    if (button) toggle(trackOf(button), Number(button.dataset.start ?? 0));
    else if (isPlainClick(event)) playMoment(event);
  });
  sound.addEventListener("change", () => document.querySelectorAll("[data-play]").forEach(markButton));
  enlivenEach("[data-play]", markButton);
}

function isPlainClick(event) {
  return event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

function playMoment(event) {
  const link = event.target.closest("a[data-start]");
  const button = link && document.querySelector(`[data-play="${link.dataset.track}"]`);
  if (!button) return;
  event.preventDefault();
  playFrom(trackOf(button), Number(link.dataset.start));
}

function markButton(button) {
  const isCurrent = isPlaying() && button.dataset.play === currentTrack().id;
  button.classList.toggle("is-playing", isCurrent);
  button.setAttribute("aria-label", `${isCurrent ? "Pause" : "Play"} ${button.dataset.title}`);
}
