/**
 * What is found while somebody types into the search box: a list below it, for pointer and keys. Enter opens what is
 * chosen in it, Shift+Enter plays it.
 */
import { say } from "../announcer.js";
import { adopt, visit } from "../navigation.js";
import { playTracks } from "../player/queue.js";
import { fetchTracks } from "../player/tracks.js";
import { showProblem } from "../problem-line.js";
import { gettext as _, interpolate } from "../words.js";

const PAUSE_MS = 120;

export function watchSearch(form) {
  const input = form.querySelector("input");
  const list = form.querySelector("[data-found]");
  let timer = null;
  let asking = new AbortController();

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  async function ask() {
    asking.abort();
    asking = new AbortController();
    const text = input.value.trim();
    if (!text) return close();
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(text)}`, { signal: asking.signal });
      if (answer.ok) show(await answer.text());
    } catch {
      // Typed on, or no connection: Enter still leads to the library, which says so.
    }
    return undefined;
  }

  function show(html) {
    if (document.activeElement !== input) return;
    list.innerHTML = html;
    adopt(list);
    list.hidden = !list.childElementCount;
    input.setAttribute("aria-expanded", String(!list.hidden));
    choose(null);
    if (!list.hidden) say(told(Number(list.querySelector("[data-count]")?.dataset.count ?? 0)));
  }

  async function playFound(mark) {
    if (!mark) return;
    close();
    try {
      playTracks(await fetchTracks([mark.dataset.playFound]));
    } catch (error) {
      showProblem(error.message);
    }
  }

  function close() {
    clearTimeout(timer);
    asking.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(null);
  }

  function choose(option) {
    chosen()?.removeAttribute("aria-selected");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function move(step) {
    const all = options();
    const at = all.indexOf(chosen());
    const next = at < 0 && step < 0 ? all.length - 1 : at + step;
    choose(all[next] ?? null);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      const option = chosen();
      const mark = option.querySelector("[data-play-found]");
      if (event.shiftKey && mark) return void playFound(mark);
      close();
      visit(option.href);
    } else if (event.key === "ArrowDown" && list.hidden && input.value.trim()) {
      event.preventDefault();
      ask();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    }
  });
  form.addEventListener("submit", close);
  form.addEventListener("focusout", ({ relatedTarget }) => form.contains(relatedTarget) || close());
  list.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-play-found]");
    if (mark) {
      // The list is made of links, and htmx listens to them as well.
      event.preventDefault();
      event.stopPropagation();
      playFound(mark);
    } else if (event.target.closest("a")) close();
  }, { capture: true });
}

function told(count) {
  if (!count) return _("Nothing found");
  const sentence = _("%(count)s found. Up and down arrows to choose, Shift and Enter to play a track.");
  return interpolate(sentence, { count });
}
