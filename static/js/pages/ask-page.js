/** Asking with a sound: a file that is chosen or dropped, or a recording; and the wait for the answer. */
import { say } from "../announcer.js";
import { formatDuration } from "../format.js";
import { adopt, visit } from "../navigation.js";
import { enlivenEach, look } from "../enliven.js";
import { LONGEST_SECONDS, startRecording, whyNoRecording } from "./recorder.js";
import { post } from "../server.js";
import { gettext as _, interpolate } from "../words.js";

const PAUSE_MS = 1000;

export function enlivenAskPages() {
  enlivenEach("#ask-form", enlivenForm);
  enlivenEach("#answer-page[data-waiting]", awaitAnswer);
}

function enlivenForm(form) {
  const chooser = form.querySelector("input[type=file]");
  const ask = (sound) => sound && send(form, sound, "name" in sound ? sound.name : "recording");
  chooser.addEventListener("change", () => ask(chooser.files[0]));
  const ignoreDrops = takeDrops(form, ask);
  const endRecording = enlivenRecorder(form, ask);
  return () => {
    ignoreDrops();
    endRecording();
  };
}

/** Says it in the form, and aloud. */
function tell(form, sentence) {
  show(form, sentence);
  say(sentence);
}

function show(form, sentence) {
  const line = form.querySelector("[data-told]");
  line.textContent = sentence;
  line.hidden = !sentence;
}

async function send(form, sound, name) {
  if ("busy" in form.dataset) return;
  if (sound.size > Number(form.dataset.maxBytes)) return tell(form, tooLarge(form));
  setBusy(form, true);
  tell(form, _("It is being sent."));
  const body = new FormData();
  body.append("file", sound, name);
  try {
    const answer = await post(form.action, { body });
    const { answer_url: address } = await answer.json();
    if (form.isConnected) visit(address);
  } catch (error) {
    tell(form, error.message);
  }
  setBusy(form, false);
  form.reset();
}

function tooLarge(form) {
  return interpolate(_("This is larger than the %(size)s allowed here."), { size: form.dataset.maxText });
}

function tellTime(seconds) {
  const told = { done: formatDuration(seconds), all: formatDuration(LONGEST_SECONDS) };
  return interpolate(_("Recording: %(done)s of %(all)s"), told);
}

/** One question at a time: what came meanwhile would be lost. */
function setBusy(form, isBusy) {
  form.toggleAttribute("data-busy", isBusy);
  for (const control of form.querySelectorAll("input, button")) control.disabled = isBusy;
}

/** While this page is there, what is dropped is a question: it never reaches the uploads. */
function takeDrops(form, ask) {
  const isFile = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (event) => form.classList.toggle("is-over", event.type === "dragover");
  const take = (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    mark(event);
    if (event.type === "drop") ask(event.dataTransfer.files[0]);
  };
  const names = ["dragenter", "dragover", "dragleave", "drop"];
  for (const name of names) addEventListener(name, take, { capture: true });
  return () => {
    for (const name of names) removeEventListener(name, take, { capture: true });
  };
}

function enlivenRecorder(form, ask) {
  const button = form.querySelector("[data-record]");
  const label = button.textContent;
  let recording = null;
  let isGone = false;

  const rest = () => {
    recording = null;
    button.textContent = label;
    button.disabled = false;
  };
  const start = async () => {
    button.disabled = true;
    try {
      recording = await startRecording({
        onTime: (seconds) => show(form, tellTime(seconds)),
        onEnd: (sound) => {
          rest();
          ask(sound);
        },
      });
    } catch (error) {
      rest();
      return tell(form, error.message);
    }
    if (isGone) return recording.cancel();
    button.disabled = false;
    button.textContent = _("Stop and ask");
    say(_("Recording."));
  };

  const why = whyNoRecording();
  button.hidden = Boolean(why);
  show(form, why && interpolate(_("Recording is not possible here. %(reason)s"), { reason: why }));
  button.addEventListener("click", () => (recording ? recording.stop() : start()));
  return () => {
    isGone = true;
    recording?.cancel();
  };
}

function awaitAnswer(page) {
  let timer = null;
  const lookOnce = async () => {
    const headers = { Accept: "application/json" };
    const answer = await fetch(location.href, { headers, cache: "no-store" }).catch(() => null);
    if (!page.isConnected) return;
    if (answer === null || answer.status === 202) timer = setTimeout(lookOnce, PAUSE_MS);
    else takeAnswer(page);
  };
  timer = setTimeout(lookOnce, PAUSE_MS / 2);
  return () => clearTimeout(timer);
}

async function takeAnswer(page) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  const text = (await answer?.text()) ?? "";
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("answer-page");
  if (!page.isConnected) return;
  // What is no answer, such as a page that asks to sign in, is for the browser itself.
  if (!fresh) return location.reload();
  page.replaceWith(fresh);
  adopt(fresh);
  look();
  say(fresh.querySelector("[role=alert], h2")?.textContent ?? "");
}
