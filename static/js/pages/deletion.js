/** Asks before something is deleted. Without scripts the same links lead to a page that asks. */
import { say } from "../announcer.js";
import { adopt, visit } from "../navigation.js";
import { csrfToken, post } from "../server.js";
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
      const answer = await post(link.href, { body: link.dataset.then ? new URLSearchParams({ tell: "1" }) : undefined });
      dialog.close();
      if (link.dataset.then) visit(link.dataset.then);
      else takeOut(link.closest("li"), answer.status === 200 ? await answer.json() : null);
    } catch (error) {
      part("failure").textContent = error.message;
      part("failure").hidden = false;
    } finally {
      part("yes").disabled = false;
    }
  });
}

/** `told` is what came of it, and where it is undone; null for what is gone without a word. */
function takeOut(row, told) {
  const list = row.parentElement;
  const beside = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("[data-confirm-delete]");
  const next = told ? tellInPlace(row, told) : beside;
  row.dispatchEvent(new Event("deleted", { bubbles: true }));
  row.remove();
  (next ?? document.getElementById("main")).focus({ preventScroll: true });
  if (!list.childElementCount && list.matches("[data-refresh-when-empty]")) visit(location.href);
}

/** The notice that pages have on top, where the row was. What undoes it is returned. */
function tellInPlace(row, { told, undo }) {
  const [notice, form, button] = ["li", "form", "button"].map((name) => document.createElement(name));
  notice.className = "notice line success";
  Object.assign(form, { method: "post", action: undo });
  const fields = { csrfmiddlewaretoken: csrfToken(), next: location.pathname + location.search };
  for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  Object.assign(button, { type: "submit", className: "button small", textContent: _("Undo") });
  form.append(button);
  notice.append(told, ...(undo ? [form] : []));
  row.before(notice);
  adopt(notice);
  say(told);
  return undo ? button : null;
}
