/** Asks before something is deleted. Without scripts the same links lead to a page that asks. */
import { visit } from "../navigation.js";
import { post } from "../server.js";
import { gettext as _, interpolate } from "../words.js";

export function watchDeletions(dialog) {
  const part = (name) => dialog.querySelector(`[data-${name}]`);
  let link = null;

  document.addEventListener("click", (event) => {
    const clicked = event.target.closest("[data-confirm-delete]");
    if (!clicked || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link = clicked;
    part("question").textContent = link.dataset.question ?? interpolate(_("Delete “%(name)s”?"), { name: link.dataset.confirmDelete });
    part("consequence").textContent = link.dataset.consequence ?? dialog.dataset.ofTracks;
    part("yes").textContent = link.dataset.yesLabel ?? _("Delete");
    part("failure").hidden = true;
    dialog.showModal();
  });

  part("yes").addEventListener("click", async () => {
    part("yes").disabled = true;
    try {
      // On the page where we go then there is a notice with the way back.
      await post(link.href, { body: link.dataset.then ? new URLSearchParams({ tell: "1" }) : undefined });
      dialog.close();
      if (link.dataset.then) visit(link.dataset.then);
      else takeOut(link.closest("li"));
    } catch (error) {
      part("failure").textContent = error.message;
      part("failure").hidden = false;
    } finally {
      part("yes").disabled = false;
    }
  });
}

function takeOut(row) {
  const list = row.parentElement;
  const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("[data-confirm-delete]");
  row.dispatchEvent(new Event("deleted", { bubbles: true }));
  row.remove();
  (next ?? document.getElementById("main")).focus({ preventScroll: true });
  if (!list.childElementCount && list.matches("[data-refresh-when-empty]")) visit(location.href);
}
