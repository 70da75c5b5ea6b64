/** Which playlist a track is added to, asked in a dialog over the page. Without scripts the link leads to a page that asks. */
import { say } from "../announcer.js";
import { closeMenu } from "../menus.js";
import { adopt } from "../navigation.js";
import { closeFromBeside } from "../player/drawer.js";
import { showProblem } from "../problem-line.js";
import { detailOf, post } from "../server.js";
import { gettext as _, interpolate } from "../words.js";

export function watchPicking() {
  const dialog = makeDialog();
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-pick]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    // Or the link is followed as well: it is one of those that lead on without a new document.
    event.stopPropagation();
    const menu = link.closest("details");
    if (menu) closeMenu(menu);
    open(dialog, link.href).catch((error) => showProblem(error.message));
  }, { capture: true });
}

function makeDialog() {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm";
  dialog.setAttribute("aria-labelledby", "picker-title");
  document.body.append(dialog);
  closeFromBeside(dialog);
  dialog.addEventListener("submit", (event) => send(dialog, event), { capture: true });
  dialog.addEventListener("click", ({ target }) => target.closest("[data-done]") && dialog.close());
  return dialog;
}

/** Throws an Error whose message is for people. */
async function open(dialog, address) {
  const answer = await post(address, { method: "GET", headers: { Accept: "text/html" } });
  const picker = parse(await answer.text());
  // It is the page for signing in then.
  if (!picker) throw new Error(detailOf("", 401));
  for (const link of picker.querySelectorAll(".pages a")) stayHere(link, address);
  dialog.replaceChildren(picker, makeDone());
  adopt(dialog);
  if (!dialog.open) dialog.showModal();
}

function parse(html) {
  return new DOMParser().parseFromString(html, "text/html").getElementById("picker");
}

/** Where there are more playlists than a page of them holds. */
function stayHere(link, address) {
  link.href = new URL(link.getAttribute("href"), address);
  link.dataset.pick = "";
}

function makeDone() {
  const line = document.createElement("div");
  line.className = "actions";
  line.innerHTML = '<button class="button" type="button" data-done></button>';
  line.firstElementChild.textContent = _("Done");
  return line;
}

async function send(dialog, event) {
  const { target: form, submitter } = event;
  event.preventDefault();
  event.stopPropagation();
  submitter.disabled = true;
  try {
    const answer = await post(submitter.getAttribute("formaction") ?? form.action, { body: new FormData(form) });
    tell(dialog, submitter, await answer.json());
  } catch (error) {
    tellIn(dialog, error.message);
  } finally {
    submitter.disabled = false;
    submitter.focus();
  }
}

function tell(dialog, submitter, { name }) {
  const chip = submitter.querySelector("[data-told]");
  if (chip) [chip.textContent, chip.hidden] = [_("Added"), false];
  else tellIn(dialog, interpolate(_("Added to “%(name)s”."), { name }));
  // Or who presses twice has two of that name.
  if (!chip) submitter.form.reset();
  say(interpolate(_("Added to “%(name)s”."), { name }));
}

function tellIn(dialog, sentence) {
  const line = dialog.querySelector("#picker-told") ?? document.createElement("p");
  line.id = "picker-told";
  line.className = "fine";
  line.setAttribute("role", "status");
  line.textContent = sentence;
  dialog.querySelector(".actions").before(line);
}
