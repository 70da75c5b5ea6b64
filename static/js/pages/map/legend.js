/** The list of regions, genres or decades as a legend: the colour of each, and a button that leaves the others out. */
import { colourOf } from "./colours.js";

export class Legend {
  #buttons;
  meant = new Set();

  /** `onChange` is called when others are meant. */
  constructor(list, signal, onChange) {
    this.#buttons = [...list.querySelectorAll("button[data-group]")];
    for (const button of this.#buttons) {
      button.hidden = false;
      button.addEventListener("click", () => (this.#toggle(button), onChange()), { signal });
    }
  }

  isMeant(group) {
    return this.meant.size === 0 || this.meant.has(group);
  }

  paint(chosen, ground) {
    for (const button of this.#buttons) button.style.color = colourOf(chosen.get(Number(button.dataset.group)), ground);
  }

  #toggle(button) {
    const number = Number(button.dataset.group);
    if (!this.meant.delete(number)) this.meant.add(number);
    button.setAttribute("aria-pressed", this.meant.has(number));
  }
}
