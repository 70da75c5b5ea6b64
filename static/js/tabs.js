/** A row of tabs that is longer than the screen is narrow shows the one where we are. */
import { enlivenEach } from "./enliven.js";

export function showCurrentTabs() {
  enlivenEach(".tabs > [aria-current]", (tab) => {
    const [row, here] = [tab.parentElement, tab.getBoundingClientRect()];
    const { left, width } = row.getBoundingClientRect();
    // By how far its middle is off that of the row: less than half a pixel where nothing can be scrolled.
    row.scrollLeft += here.left + here.width / 2 - left - width / 2;
  });
}
