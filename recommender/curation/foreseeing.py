"""What `catalog.editing` will make of a change, known before it is written, so that people see it first."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from recommender.catalog.editing import FIELDS, Value, is_same
from recommender.catalog.spelling import FixedNames, list_names

Words = Mapping[str, Value]
# Of fields that stay as they are why they do.
Problems = dict[str, str]


def settle_release(said: Words, wanted: Words) -> tuple[dict[str, Value], Problems]:
    """What becomes of a release without an artist, and of an artist without a release. A release comes with its artist,
    also where that stays: there may be others of this title.
    """
    if "release" not in wanted and "album_artist" not in wanted:
        return dict(wanted), {}
    then = {**said, **wanted}
    title, by = then["release"], then["album_artist"] or next(iter(list_names(then["artists"])), "")
    if title and not by:
        kept = {name: value for name, value in wanted.items() if name not in ("release", "album_artist")}
        return kept, {"release": _("A release needs an artist.")}
    is_lost = bool(then["album_artist"]) and not title and not said["release"]
    problems = {"album_artist": _("It is on no release.")} if is_lost else {}
    return {**wanted, "album_artist": by if title else ""}, problems


def keep_fixed(said: Words, wanted: Words, fixed: FixedNames) -> tuple[dict[str, Value], Problems]:
    """What is written in the end, nothing that is said already: names that are out of reach stay spelt as they are."""
    spelt = fixed.spell(wanted)
    sentence = _("It is spelt like that on tracks that are not yours to change, and stays so.")
    otherwise = [name for name, value in wanted.items() if spelt[name] != value]
    problems = {name: sentence for name in otherwise if is_same(name, spelt[name], wanted[name])}
    return {name: spelt[name] for name in FIELDS if name in spelt and spelt[name] != said[name]}, problems
