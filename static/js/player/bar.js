/** What is playing, where in it, and what went wrong: in the bar at the bottom and in the sheet that it opens. */
import { formatDuration } from "../format.js";
import { gettext as _, interpolate } from "../words.js";
import { wayAround } from "./queue.js";
import { targetOfKey } from "./seek-keys.js";
import { showPlayedShare, watchWaveform } from "./seek-waveform.js";
import { currentTrack, duration, isPlaying, position, seek, sound } from "./sound.js";

const bar = document.getElementById("player");
const message = bar.querySelector(".player-message");
const parts = (name) => document.querySelectorAll(`:is(#player, #sheet) [data-${name}]`);

let dragged = null;

export function showPlayerBar() {
  parts("seek").forEach(watchSlider);
  watchWaveform();
  sound.addEventListener("change", showTrack);
  sound.addEventListener("time", showTime);
  sound.addEventListener("failure", showFailure);
}

function watchSlider(slider) {
  slider.addEventListener("input", () => {
    dragged = slider;
    showTime();
  });
  slider.addEventListener("change", () => {
    dragged = null;
    seek(Number(slider.value));
  });
  slider.addEventListener("keydown", (event) => {
    const target = targetOfKey(event.key, position(), duration());
    if (target === null) return;
    event.preventDefault();
    seek(target);
  });
}

function showTrack() {
  const track = currentTrack();
  bar.hidden = track === null;
  if (track === null) return;
  for (const title of parts("title")) title.textContent = track.title;
  for (const artist of parts("artist")) artist.textContent = track.artist;
  for (const link of parts("page")) link.href = track.page;
  for (const cover of parts("cover")) if (cover.getAttribute("src") !== track.cover) cover.src = track.cover;
  for (const button of parts("toggle")) {
    button.classList.toggle("is-playing", isPlaying());
    button.setAttribute("aria-label", isPlaying() ? _("Pause") : _("Play"));
  }
  if (isPlaying()) message.hidden = true;
}

function showTime() {
  const total = duration();
  const shown = dragged ? Number(dragged.value) : position();
  const told = { position: formatDuration(shown), total: formatDuration(total) };
  for (const slider of parts("seek")) {
    slider.max = total;
    if (slider !== dragged) slider.value = shown;
    slider.setAttribute("aria-valuetext", interpolate(_("%(position)s of %(total)s"), told));
  }
  showPlayedShare(total ? shown / total : 0);
  for (const time of parts("elapsed")) time.textContent = told.position;
  for (const time of parts("total")) time.textContent = told.total;
}

function showFailure({ detail: { sentence, hope, isGone } }) {
  const download = message.querySelector("[data-download]");
  const isOver = hope === "no" || hope === "wait";
  const goesOn = isOver && wayAround() >= 0;
  message.querySelector("[data-message]").textContent = goesOn ? `${sentence} ${_("The next one follows.")}` : sentence;
  download.hidden = !isOver || isGone || !currentTrack()?.download;
  if (!download.hidden) download.href = currentTrack().download;
  message.hidden = false;
}
