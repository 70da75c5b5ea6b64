/** Forms that are sent by every change of what they hold. */
import { enlivenEach } from "../enliven.js";

export function enlivenShapeForms() {
  enlivenEach("[data-submit-on-change]", (form) => {
    form.addEventListener("change", () => form.requestSubmit());
  });
}
