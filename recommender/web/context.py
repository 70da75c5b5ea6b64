"""What every page needs to know about the site and the one who looks at it."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from recommender.conf import Uploads


@dataclass(frozen=True)
class Site:
    """Evaluated as a template asks for it, so that pages which show no menu cost no query."""

    request: HttpRequest

    @property
    def can_upload(self) -> bool:
        return bool(getattr(self._user, "is_uploader", False))

    @property
    def can_curate(self) -> bool:
        return bool(getattr(self._user, "is_curator", False))

    @property
    def is_signup_open(self) -> bool:
        return bool(settings.ACCESS.open_signup)

    @property
    def upload_limits(self) -> Uploads:
        return settings.UPLOADS

    @property
    def _user(self) -> object:
        return getattr(self.request, "user", None)


def site(request: HttpRequest) -> dict[str, Site]:
    return {"site": Site(request)}
