"""What curators rule for everybody: two tracks that are not similar, whatever the encoder says."""

from recommender.accounts.models import User
from recommender.catalog.models import PairRule, Track


def rule_unlike(curator: User, one: Track, other: Track) -> None:
    """Neither of two different tracks is recommended from the other any more."""
    first, second = sorted((one.pk, other.pk))
    PairRule.objects.get_or_create(first_id=first, second_id=second, defaults={"made_by": curator})


def lift_rule(one: Track, other: Track) -> None:
    first, second = sorted((one.pk, other.pk))
    PairRule.objects.filter(first=first, second=second).delete()
