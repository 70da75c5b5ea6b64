/** The bar at the bottom: what is playing, where in it, and what went wrong. */
import { formatDuration } from "../format.js";
import { targetOfKey } from "./seek-keys.js";
import { currentTrack, duration, isPlaying, position, seek, sound, toggle } from "./sound.js";

const bar = document.getElementById("player");
const message = bar.querySelector(".player-message");
const part = (name) => bar.querySelector(`[data-${name}]`);
const slider = part("seek");

let isDragging = false;

export function showPlayerBar() {
  part("toggle").addEventListener("click", () => toggle(currentTrack()));
  slider.addEventListener("input", () => {
    isDragging = true;
    showTime();
  });
  slider.addEventListener("change", () => {
    isDragging = false;
    seek(Number(slider.value));
  });
  slider.addEventListener("keydown", (event) => {
    const target = targetOfKey(event.key, position(), duration());
    if (target === null) return;
    event.preventDefault();
    seek(target);
  });
  sound.addEventListener("change", showTrack);
  sound.addEventListener("time", showTime);
  sound.addEventListener("failure", showFailure);
}

function showTrack() {
  const track = currentTrack();
  bar.hidden = track === null;
  if (track === null) return;
  part("title").textContent = track.title;
  part("artist").textContent = track.artist;
  part("page").href = track.page;
  if (part("cover").getAttribute("src") !== track.cover) part("cover").src = track.cover;
  part("toggle").classList.toggle("is-playing", isPlaying());
  part("toggle").setAttribute("aria-label", isPlaying() ? "Pause" : "Play");
  if (isPlaying()) message.hidden = true;
}

function showTime() {
  const total = duration();
  if (!isDragging) {
    slider.max = total;
    slider.value = position();
  }
  const shown = Number(slider.value);
  slider.style.setProperty("--at", `${total ? (100 * shown) / total : 0}%`);
  slider.setAttribute("aria-valuetext", `${formatDuration(shown)} of ${formatDuration(total)}`);
  part("elapsed").textContent = formatDuration(shown);
  part("total").textContent = formatDuration(total);
}

function showFailure({ detail }) {
  const download = part("download");
  part("message").textContent = detail;
  download.hidden = !currentTrack()?.download;
  if (!download.hidden) download.href = currentTrack().download;
  message.hidden = false;
}
