import datetime as dt

import pytest
from django.test import RequestFactory

from recommender.web.clock import zone_of


def zone_told_by(cookie):
    request = RequestFactory().get("/")
    request.COOKIES["zone"] = cookie
    return zone_of(request).utcoffset(dt.datetime(2026, 1, 1))


def test_the_browser_tells_its_zone():
    assert zone_told_by("Asia/Tokyo") == zone_told_by("Asia%2FTokyo") == dt.timedelta(hours=9)
    assert zone_told_by("Etc%2FGMT%2B5") == dt.timedelta(hours=-5)


@pytest.mark.parametrize(
    "nonsense",
    ["", "Nowhere/Else", "../../etc/passwd", "/etc/passwd", "%2Fetc%2Fpasswd", "Europe", "\0", "%FF", "x" * 500, "Ünï"],
)
def test_whatever_else_is_told_counts_for_nothing(nonsense):
    assert zone_told_by(nonsense) == dt.timedelta(0)
