/** Requests to our own server, with the token that proves they come from our own page. */
import { gettext as _, interpolate } from "./words.js";

export function csrfToken() {
  return document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

/** Throws an Error whose message is a sentence for people. */
export async function post(address, { method = "POST", headers = {}, body } = {}) {
  const all = { Accept: "application/json", "X-CSRFToken": csrfToken(), ...headers };
  const answer = await fetch(address, { method, headers: all, body }).catch(() => null);
  if (answer === null) throw new Error(_("The server cannot be reached right now. Try again in a moment."));
  if (!answer.ok) throw new Error(detailOf(await answer.text(), answer.status));
  return answer;
}

/** POST of JSON; the answer's JSON. */
export async function postJson(address, value) {
  const headers = { "Content-Type": "application/json" };
  return (await post(address, { headers, body: JSON.stringify(value) })).json();
}

/** The sentence of a problem document, or one of our own when the answer is none. */
export function detailOf(text, status) {
  try {
    const { detail } = JSON.parse(text);
    if (detail) return detail;
  } catch {
    // Not every answer on the way is from our server: proxies have pages of their own.
  }
  if (status === 401 || status === 403) return _("You are no longer signed in. Reload the page and sign in again.");
  if (status === 413) return _("This file is larger than is allowed here.");
  return interpolate(_("The server could not do this (%(status)s). Try again in a moment."), { status });
}
