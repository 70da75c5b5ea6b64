/** Of each field only what is needed for what is to be done with it. */
import { enlivenEach } from "../../enliven.js";

export function enlivenBulkEdit() {
  enlivenEach("[data-valued]", (line) => {
    const [how, value] = line.children;
    const show = () => (value.hidden = !line.dataset.valued.split(" ").includes(how.value));
    how.addEventListener("change", show);
    show();
  });
}
