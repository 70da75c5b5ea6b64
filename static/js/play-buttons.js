/** Buttons that carry a track in their data attributes: the click, and how they look while it plays. */
import { enlivenEach } from "./pages.js";
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
  sound.addEventListener("change", () => document.querySelectorAll("[data-play]").forEach(markButton));
  enlivenEach("[data-play]", markButton);
}

function markButton(button) {
  const isCurrent = isPlaying() && button.dataset.play === currentTrack().id;
  button.classList.toggle("is-playing", isCurrent);
  button.setAttribute("aria-label", `${isCurrent ? "Pause" : "Play"} ${button.dataset.title}`);
}
