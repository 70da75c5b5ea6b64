/**
 * Pages without a new document: what a link or form leads to takes the place of #main and of the menu. Sound and uploads
 * live outside both and go on. Without this module the same links and forms load whole pages.
 */
import htmx from "../vendor/htmx-4.0.1.min.js";
import { say } from "./announcer.js";
import { keepFocus, restoreFocus } from "./focus-memory.js";
import { hideProblem, showProblem } from "./problem-line.js";
import { keepScroll, restoreScroll } from "./scroll-memory.js";
import { gettext as _, interpolate } from "./words.js";

const PLAIN = "[download], [href^='/admin/'], [href^='/static/']";
const SWAP = "outerSync show:top showTarget:window";
const UNREACHABLE = _("The server cannot be reached right now. Try again in a moment.");

const FADE_MS = 140;

const prefersCalm = matchMedia("(prefers-reduced-motion: reduce)");
const listeners = [];
let latest = null;
let shownPath = location.pathname;

/** `leaving(elements)` is told before what is in them goes, `arrived()` when the new is there. */
export function onNavigation(listener) {
  listeners.push(listener);
}

/** Go to a page of ours, as a link would. */
export function visit(address) {
  return htmx.ajax("GET", address, { target: "#main", swap: SWAP, push: "true" });
}

/** Have links and forms in a new element lead on without a new document. */
export function adopt(element) {
  htmx.process(element);
}

export function watchNavigation() {
  on("before:init", (event) => event.target.matches(PLAIN) && event.preventDefault());
  on("config:request", ({ detail }) => isPage(detail.ctx) && prepare(detail.ctx));
  on("before:request", ({ detail }) => isPage(detail.ctx) && begin(detail.ctx));
  on("before:response", (event) => isPage(event.detail.ctx) && checkKind(event));
  on("after:request", (event) => isPage(event.detail.ctx) && checkContent(event));
  on("before:swap", beforeSwap);
  on("before:history:update", keepHistoryTrue);
  on("after:swap", afterSwap);
  on("finally:request", ({ detail }) => detail.ctx === latest && showBusy(false));
  on("error", ({ detail }) => detail.ctx === latest && isPage(detail.ctx) && showProblem(UNREACHABLE));
}

function on(name, listen) {
  document.addEventListener(`htmx:${name}`, listen);
}

function isPage(ctx) {
  return ctx?.target?.id === "main";
}

function prepare(ctx) {
  ctx.select = "#main";
  ctx.selectOOB = "#menu,#account";
  ctx.request.headers.Accept = "text/html";
}

function begin(ctx) {
  latest = ctx;
  hideProblem();
  showBusy(true);
}

function showBusy(isBusy) {
  document.documentElement.classList.toggle("is-loading", isBusy);
}

/** A download, a picture: for the browser itself. */
function checkKind(event) {
  const { response } = event.detail.ctx;
  const isHtml = (response.headers.get("Content-Type") ?? "").startsWith("text/html");
  if (!isHtml && response.status !== 204) handOver(event);
}

/** A page that is built differently, such as the admin's, or in another language; or an error page that a proxy made. */
function checkContent(event) {
  const { text, response, request } = event.detail.ctx;
  const { lang } = document.documentElement;
  const isOther = request.method === "GET" && (response.headers.get("Content-Language") ?? lang) !== lang;
  if (isOther || !text.includes('id="main"')) handOver(event);
}

function handOver(event) {
  const { ctx } = event.detail;
  event.preventDefault();
  ctx.request.abort?.();
  if (ctx.response.status < 400) location.assign(ctx.response.raw.url);
  else showProblem(interpolate(_("The server could not do this (%(status)s). Try again in a moment."), { status: ctx.response.status }));
}

function beforeSwap(event) {
  const { ctx, tasks } = event.detail;
  // Whoever has clicked on something else meanwhile wants that, not this.
  if (isPage(ctx) && ctx !== latest) event.preventDefault();
  // A part of a page that the answer does not hold would leave a hole.
  if (!isPage(ctx) && tasks.every(({ fragment }) => !fragment.firstElementChild)) {
    event.preventDefault();
    showProblem(_("The server could not do this. Reload the page and try again."));
  }
  if (event.defaultPrevented) return;
  for (const { fragment } of tasks) for (const plain of fragment.querySelectorAll("noscript")) plain.remove();
  const roots = tasks.map(({ target }) => target).filter((target) => target instanceof Element);
  keepFocus();
  for (const { leaving } of listeners) leaving(roots);
}

/** A page that only a POST can show gets no entry of its own, nor does the page where we are. */
function keepHistoryTrue(event) {
  const { history: entry, sourceElement, response } = event.detail;
  const isPosted = sourceElement.method === "post" && !response.raw.redirected;
  if (isPosted || entry.path === location.pathname + location.search) event.preventDefault();
  else keepScroll();
}

function afterSwap({ detail: { ctx } }) {
  for (const { arrived } of listeners) arrived();
  if (!isPage(ctx)) return;
  fadeIn();
  if (ctx.request.headers["HX-History-Restore-Request"]) restoreScroll();
  document.querySelector("dialog[open]")?.close();
  if (ctx.sourceEvent?.type === "input") return;
  if (!restoreFocus()) focusMain();
  for (const input of document.querySelectorAll("header .search input")) input.value = queryOf(input.name);
  // What came of a form says more than the name of the page it leads back to.
  say(document.querySelector("#main .notices")?.textContent.trim() || ctx.title || document.title);
}

/** The browser puts the focus on the body after Back unless it sees it move. */
function focusMain() {
  document.activeElement?.blur();
  document.getElementById("main").focus({ preventScroll: true });
}

/** Another page comes softly; the same one, changed by a form, is simply there. */
function fadeIn() {
  if (location.pathname !== shownPath && !prefersCalm.matches) {
    document.getElementById("main").animate({ opacity: [0, 1] }, { duration: FADE_MS, easing: "ease-out" });
  }
  shownPath = location.pathname;
}

function queryOf(name) {
  return new URLSearchParams(location.search).get(name) ?? "";
}
