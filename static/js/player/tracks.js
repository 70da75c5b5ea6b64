/** What the server knows of tracks, as the player needs it. */
import { gettext as _ } from "../words.js";

const LARGEST_REQUEST = 200;

const page = () => document.getElementById("player").dataset;

/** The tracks with these ids, in their order; those that cannot be heard are left out. Throws when nobody answers. */
export async function fetchTracks(ids) {
  const found = [];
  for (let from = 0; from < ids.length; from += LARGEST_REQUEST) {
    const query = new URLSearchParams(ids.slice(from, from + LARGEST_REQUEST).map((id) => ["track", id]));
    found.push(...(await fetchTracksFrom(`${page().soundPage}?${query}`)));
  }
  return found;
}

/** The tracks of an address that answers as /tracks/sound does. Throws an Error whose message is for people. */
export async function fetchTracksFrom(address) {
  const tracks = await fetchJson(address);
  return tracks.map(withTextId);
}

/** `{ tracks, ... }`: what a radio plays next. */
export async function fetchRadio(seeds, given) {
  const [first, ...also] = seeds;
  const asked = new URLSearchParams({ ...given, ...(also.length ? { also: also.join() } : {}) });
  // A comma is a comma: an address with as many ids would become too long for servers otherwise.
  const query = String(asked).replaceAll("%2C", ",");
  const answer = await fetchJson(`${page().radioPage}${first}/next?${query}`);
  return { ...answer, tracks: answer.tracks.map(withTextId) };
}

async function fetchJson(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) throw new Error(_("The server cannot tell what to play right now. Try again in a moment."));
  return answer.json();
}

/** As the data attributes of buttons have it. */
function withTextId(track) {
  return { ...track, id: String(track.id) };
}
