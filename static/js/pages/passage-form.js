/** The form of a passage: filled by what is chosen on the waveform, and typed into as well. */
import { formatDuration } from "../format.js";

const LEAST_SECONDS = 1;

export class PassageForm {
  #whole;
  #fields;

  /** `whole` is the element around the form, which opens and closes. */
  constructor(whole) {
    this.#whole = whole;
    this.#fields = ["from", "to"].map((name) => whole.querySelector(`[name=${name}]`));
  }

  /** [from, to] in seconds as far as they make sense, or null. */
  get passage() {
    const [from, to] = this.#fields.map((field) => secondsOf(field.value));
    return to - from >= LEAST_SECONDS ? [from, to] : null;
  }

  /** Take the passage between two positions, in either order, as long as one has to be. */
  choose(one, other, total) {
    const from = Math.floor(Math.min(Math.max(0, Math.min(one, other)), Math.max(0, total - LEAST_SECONDS)));
    const to = Math.max(from + LEAST_SECONDS, Math.ceil(Math.min(total, Math.max(one, other))));
    this.#fields[0].value = formatDuration(from);
    this.#fields[1].value = formatDuration(to);
  }

  clear() {
    for (const field of this.#fields) field.value = "";
  }

  open() {
    this.#whole.open = true;
  }

  submit() {
    this.#whole.querySelector("form").requestSubmit();
  }

  onInput(listen, options) {
    this.#whole.addEventListener("input", listen, options);
  }
}

/** 0:42, 1:02:05 or 42 as seconds, NaN for anything else. */
function secondsOf(text) {
  if (!/^\d+(:\d+){0,2}(\.\d+)?$/.test(text.trim())) return NaN;
  return text.split(":").reduce((seconds, part) => seconds * 60 + Number(part), 0);
}
