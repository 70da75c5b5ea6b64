/** Forms that are sent by every change of what they hold. What is left empty stays out of the address. */
import { enlivenEach } from "../enliven.js";

export function enlivenShapeForms() {
  enlivenEach("[data-submit-on-change]", (form) => {
    form.addEventListener("change", () => form.requestSubmit());
    form.addEventListener("formdata", ({ formData }) => {
      for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
    });
  });
}
