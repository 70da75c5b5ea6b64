/** Why a track does not play: the browser does not say, the server does. */
import { detailOf } from "../server.js";
import { gettext as _, interpolate } from "../words.js";

const BEING_PREPARED = 503;

/**
 * A sentence, and what may help: "retry" (soon, by itself), "wait" (being prepared) or nothing at all ("no");
 * `isGiven` where the server does give what the browser did not play, `isGone` where it has it no more. `code` is that of
 * the MediaError.
 */
export async function explainFailure(track, code) {
  const headers = { Accept: "application/json", Range: "bytes=0-0" };
  const answer = await fetch(track.src, { headers }).catch(() => null);
  if (answer === null) return { sentence: _("The server cannot be reached right now."), hope: "retry" };
  const isBrokenOff = code === MediaError.MEDIA_ERR_NETWORK;
  if (answer.ok && isBrokenOff) return { sentence: _("The connection broke off."), hope: "retry" };
  if (answer.ok) return { sentence: sayUnplayable(track), hope: "no", isGiven: true };
  if (answer.status === 404) return { sentence: _("This track cannot be played any more."), hope: "no", isGone: true };
  const sentence = detailOf(await answer.text(), answer.status);
  return { sentence, hope: answer.status === BEING_PREPARED ? "wait" : "no" };
}

function sayUnplayable({ format }) {
  if (!format) return _("This browser cannot play this kind of file.");
  return interpolate(_("This browser cannot play %(format)s files."), { format });
}
