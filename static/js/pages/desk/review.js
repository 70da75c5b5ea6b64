/** The review queue by keyboard. Everything the keys do is a link or a button of the page, and works without them. */
import { say } from "../../announcer.js";
import { enlivenEach } from "../../enliven.js";
import { isElsewhere } from "../../keys-elsewhere.js";
import { setting, settings } from "../../player/settings.js";
import { gettext as _ } from "../../words.js";

// What has to be said why, and what is asked for then.
const ASKED = {
  r: _("Say why it is rejected, then press Enter."),
  c: _("Say what is to be changed, then press Enter."),
};

export function enlivenReview() {
  enlivenEach("#review", watchKeys);
  enlivenEach("#review-keys", showHelp);
  enlivenEach("#review #objection", watchNote);
}

/** Before the keys of the player, which mean other things by the same letters. */
function watchKeys(page) {
  const until = new AbortController();
  document.addEventListener("keydown", (event) => press(page, event), { capture: true, signal: until.signal });
  for (const control of page.querySelectorAll("[data-key]")) control.setAttribute("aria-keyshortcuts", control.dataset.key);
  return () => until.abort();
}

function press(page, event) {
  if (event.defaultPrevented || event.shiftKey || !setting("hasShortcuts") || isElsewhere(event)) return;
  const act = actOf(page, event.key.toLowerCase());
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  // Held down, it is meant once; and while the next track is on its way it is not meant for this one again.
  if (!event.repeat && !document.documentElement.classList.contains("is-loading")) act();
}

function actOf(page, key) {
  const control = page.querySelector(key === " " ? ".play.large" : `[data-key="${CSS.escape(key)}"]`);
  if (!control) return null;
  return key in ASKED ? () => askWhy(control, key) : () => control.click();
}

/** Enter sends what was asked for; Escape leaves it. */
function askWhy(button, key) {
  const note = button.form.elements.note;
  button.form.dataset.enter = key;
  note.focus();
  say(ASKED[key]);
}

function watchNote(form) {
  const note = form.elements.note;
  note.addEventListener("keydown", (event) => {
    if (event.key === "Escape") note.blur();
    if (event.key !== "Enter" || event.isComposing || !form.dataset.enter) return;
    event.preventDefault();
    const button = [...form.elements].find((control) => control.dataset.key === form.dataset.enter);
    // The keys are for the next track then, not for a note about it.
    if (form.checkValidity()) note.blur();
    button.click();
  });
  note.addEventListener("blur", () => delete form.dataset.enter);
}

function showHelp(line) {
  const show = () => (line.hidden = !setting("hasShortcuts"));
  settings.addEventListener("change", show);
  show();
  return () => settings.removeEventListener("change", show);
}
