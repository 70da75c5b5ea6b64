/** The button that copies a link to the moment a track is at: whoever opens it hears the same. */
import { say } from "../announcer.js";
import { enlivenEach } from "../enliven.js";
import { formatDuration } from "../format.js";
import { currentTrack, position, sound } from "../player/sound.js";
import { gettext as _, interpolate } from "../words.js";

const SHOWN_MS = 2000;

export function enlivenMomentLinks() {
  enlivenEach("[data-copy-moment]", (button) => {
    const until = new AbortController();
    const options = { signal: until.signal };
    sound.addEventListener("time", () => name(button), options);
    button.addEventListener("click", () => copy(button), options);
    name(button);
    return () => until.abort();
  });
}

function secondsOf({ dataset }) {
  return Math.floor(currentTrack()?.id === dataset.track ? position() : Number(dataset.start));
}

function name(button) {
  if (button.dataset.copied) return;
  const seconds = secondsOf(button);
  const text = seconds ? interpolate(_("Copy link at %(time)s"), { time: formatDuration(seconds) }) : _("Copy link");
  if (button.textContent !== text) button.textContent = text;
}

async function copy(button) {
  const seconds = secondsOf(button);
  const link = new URL(button.dataset.copyMoment, location.href);
  if (seconds) link.searchParams.set("t", seconds);
  const isCopied = await write(link.href);
  button.textContent = isCopied ? _("Link copied") : link.href;
  // One that is left to be copied by hand stays where it is.
  button.dataset.copied = "true";
  if (!isCopied) return;
  say(seconds ? interpolate(_("Link to %(time)s copied"), { time: formatDuration(seconds) }) : _("Link copied"));
  setTimeout(() => {
    delete button.dataset.copied;
    name(button);
  }, SHOWN_MS);
}

/** Whether it worked. Browsers keep the clipboard from pages that came without encryption: an older way is left then. */
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const field = document.createElement("textarea");
  field.value = text;
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true });
  return isCopied;
}
