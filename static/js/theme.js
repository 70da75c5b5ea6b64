/** Light, dark, or as the system has it. The server remembers it in a cookie; this changes the page that is open at once. */
import { showProblem } from "./problem-line.js";
import { gettext as _ } from "./words.js";

const MEDIA = {
  system: ["(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"],
  light: ["all", "not all"],
  dark: ["not all", "all"],
};
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();

export function watchTheme() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-theme-form]")) return;
    event.preventDefault();
    choose(event.target, event.submitter);
  });
  systemIsDark.addEventListener("change", tell);
}

/** Whether the page is dark now, whoever decided that. */
export function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme === "dark" || (theme !== "light" && systemIsDark.matches);
}

/** For what is painted by scripts. Returns what ends it. */
export function onThemeChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

async function choose(form, button) {
  show(button.value);
  const body = new FormData(form, button);
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) showProblem(_("The theme could not be remembered. Try again in a moment."));
}

function show(theme) {
  document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme === "system" ? "light dark" : theme;
  document.querySelectorAll("meta[name=theme-color]").forEach((meta, nth) => (meta.media = MEDIA[theme][nth]));
  for (const button of document.querySelectorAll("[data-theme-form] button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
  tell();
}

function tell() {
  for (const listener of listeners) listener();
}
