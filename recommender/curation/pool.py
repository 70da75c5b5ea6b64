"""Rules of the pool: what is kept out of recommendations. Drafted, looked at, switched on, and switched off again."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.browsing import visible_artists, visible_releases
from recommender.catalog.models import (
    Artist,
    Genre,
    PoolHit,
    PoolKind,
    PoolRule,
    Release,
    Track,
    TrackQuerySet,
)
from recommender.catalog.models.music import Viewer
from recommender.catalog.names import fold, fold_key
from recommender.curation.errors import BadRuleError
from recommender.curation.models import Act, Change, Verb
from recommender.curation.sentences import CHANGED_SINCE, GONE

# A rule that is never switched on is forgotten with the next ones.
MOST_DRAFTS: Final = 50


def find_meant(curator: User, kind: str, name: str) -> dict[str, Any]:
    """What a rule names, by its name or, of a release, by its number. Raises BadRuleError where `curator` may see no
    track of it.
    """
    if kind not in _FINDERS:
        raise BadRuleError(_("A rule is about one of: %(kinds)s.") % {"kinds": ", ".join(PoolKind)})
    found = _FINDERS[kind](curator, name)
    if found is None:
        raise BadRuleError(_("There is nothing called “%(name)s” here.") % {"name": name})
    return {kind: found}


def draft_rule(
    curator: User, kind: str, meant: Mapping[str, Any], season: tuple[int, int] | None, note: str = ""
) -> PoolRule:
    """A rule that is not on yet, or the one there is of the same. `season`: its first and last day, as `PoolRule` has
    them.
    """
    from_day, to_day = season or (None, None)
    said = {"kind": kind, **meant, "from_day": from_day, "to_day": to_day}
    with transaction.atomic():
        once_on = list(Change.objects.filter(act__verb=Verb.POOL).values_list("after__rule", flat=True))
        drafts = PoolRule.objects.filter(is_on=False, made_by=curator).exclude(pk__in=once_on)
        drafts.filter(pk__in=list(drafts.values_list("pk", flat=True)[MOST_DRAFTS:])).delete()
        known = PoolRule.objects.filter(**said).first()
        return known or PoolRule.objects.create(**said, note=note, made_by=curator)


def hit_by(rule: PoolRule, viewer: Viewer) -> TrackQuerySet:
    """The tracks `viewer` may see that it keeps out, or would if it were on."""
    hits = PoolHit.objects.filter(rule=rule).values("track")
    return Track.objects.visible_to(viewer).filter(pk__in=hits)


def switch_rule(rule: PoolRule, curator: User, *, is_on: bool) -> Act | None:
    """None when it is so already."""
    with transaction.atomic():
        if not PoolRule.objects.filter(pk=rule.pk, is_on=not is_on).update(is_on=is_on):
            return None
        act = Act.objects.create(actor=curator, verb=Verb.POOL, note=rule.note)
        states = {"rule": rule.pk, "is_on": not is_on}, {"rule": rule.pk, "is_on": is_on}
        Change.objects.create(act=act, label=name_rule(rule)[:300], before=states[0], after=states[1])
    return act


def unswitch(change: Change, curator: User) -> str:
    rules = PoolRule.objects.filter(pk=change.after["rule"])
    if rules.filter(is_on=change.after["is_on"]).update(is_on=change.before["is_on"]):
        return ""
    return CHANGED_SINCE if rules.exists() else GONE


def name_rule(rule: PoolRule) -> str:
    """What it is about, without its season: "genre Christmas", "0:00 to 1:00"."""
    if rule.kind == PoolKind.LENGTH:
        return _("%(least)s to %(most)s long") % {
            "least": _clock(rule.least_seconds or 0),
            "most": _clock(rule.most_seconds or 0),
        }
    named = {"artist": rule.artist, "release": rule.release, "genre": rule.genre, "tag": rule.tag}[rule.kind]
    return f"{rule.get_kind_display()} “{named}”"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def _find_artist(curator: User, name: str) -> Artist | None:
    named, visible = fold_key(name), visible_artists(curator)
    return visible.filter(name_key=named).first() or visible.filter(aliases__name_key=named).first()


def _find_release(curator: User, name: str) -> Release | None:
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 19 else 0
    return visible_releases(curator).filter(pk=number).first()


def _find_genre(curator: User, name: str) -> Genre | None:
    seen = Track.objects.visible_to(curator).filter(genres=OuterRef("pk"))
    return Genre.objects.filter(Exists(seen), name_key=fold(name)).first()


def _find_tag(curator: User, name: str) -> str | None:
    tag = fold(name)
    return tag if Track.objects.visible_to(curator).filter(tags__name=tag).exists() else None


_FINDERS: Final[Mapping[str, Callable[[User, str], Any]]] = {
    PoolKind.ARTIST: _find_artist,
    PoolKind.RELEASE: _find_release,
    PoolKind.GENRE: _find_genre,
    PoolKind.TAG: _find_tag,
}
