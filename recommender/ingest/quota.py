"""How much one person may keep here, and how much of that is taken."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.kept import Kept
from recommender.catalog.models import Track, Upload
from recommender.ingest.errors import UploadRefusedError

MOST_UNFINISHED = 1000
_KEPT_BYTES: Final[Kept[int]] = Kept(1_000)


@dataclass(frozen=True, kw_only=True)
class Quota:
    """`limit_bytes` is None where there is no limit. What is on its way here is taken already."""

    used_bytes: int
    limit_bytes: int | None


def measure_quota(owner: User) -> Quota:
    kept = _KEPT_BYTES.of(owner, owner.pk, lambda: _measure_kept(owner))
    coming = Upload.objects.receiving().filter(owner=owner).aggregate(total=Sum("size_bytes"))["total"]
    return Quota(used_bytes=kept + (coming or 0), limit_bytes=limit_of(owner))


def _measure_kept(owner: User) -> int:
    tracks = Track.objects.filter(owner=owner, is_deleting=False)
    return tracks.aggregate(total=Sum("audio_file__size_bytes"))["total"] or 0


def limit_of(owner: User) -> int | None:
    """The user's own quota goes before that of the settings; curators and administrators have only the former."""
    if owner.quota_bytes is not None:
        return owner.quota_bytes or None
    return None if owner.is_curator else max(0, settings.UPLOADS.quota_bytes) or None


def check_room(owner: User, size_bytes: int) -> None:
    """Raises UploadRefusedError when `size_bytes` more are too many."""
    if limit_of(owner) is None:
        return
    quota = measure_quota(owner)
    if quota.limit_bytes is not None and quota.used_bytes + size_bytes > quota.limit_bytes:
        raise UploadRefusedError("quota", _explain(quota, size_bytes), 413)


def hold_room(owner: User, size_bytes: int) -> None:
    """As `check_room`, and nobody else takes that room before the surrounding transaction ends."""
    User.objects.select_for_update().filter(pk=owner.pk).first()
    check_room(owner, size_bytes)


def check_number(owner: User) -> None:
    """Raises UploadRefusedError when so much is on its way already that no more may be begun."""
    if Upload.objects.receiving().filter(owner=owner).count() >= MOST_UNFINISHED:
        sentence = _("You have %(count)d unfinished uploads. Finish or discard some of them first.")
        raise UploadRefusedError("too_many", sentence % {"count": MOST_UNFINISHED}, 429)


def _explain(quota: Quota, size_bytes: int) -> str:
    used, limit, needed = (filesizeformat(size) for size in (quota.used_bytes, quota.limit_bytes or 0, size_bytes))
    sentence = _(
        "You use %(used)s of the %(limit)s you may keep here, and this file needs %(needed)s. "
        "Delete tracks that you no longer need, or ask an administrator for more."
    )
    return sentence % {"used": used, "limit": limit, "needed": needed}
