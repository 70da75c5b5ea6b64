/** Buttons that carry a track in their data attributes: the click, and how they look while it plays. */
import { currentTrack, isPlaying, sound, toggle } from "./sound.js";

export function trackOf(button) {
  const { play, src, page, title, artist, cover, format, download } = button.dataset;
  return { id: play, src, page, title, artist, cover, format, download, duration: Number(button.dataset.duration) };
}

export function watchPlayButtons() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-play]");
    if (button) toggle(trackOf(button));
  });
  sound.addEventListener("change", markButtons);
}

function markButtons() {
  const playing = isPlaying() ? currentTrack().id : null;
  for (const button of document.querySelectorAll("[data-play]")) {
    const isCurrent = button.dataset.play === playing;
    button.classList.toggle("is-playing", isCurrent);
    button.setAttribute("aria-label", `${isCurrent ? "Pause" : "Play"} ${button.dataset.title}`);
  }
}
