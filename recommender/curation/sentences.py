"""Sentences that acts keep of tracks that could not be changed; whoever shows them translates them."""

from typing import Final

from django.utils.translation import gettext_noop

CHANGED_SINCE: Final = gettext_noop("This was changed again since, and stays as it is.")
FAILED: Final = gettext_noop("Something went wrong with this one. The log of the server says what.")
NO_WAY_BACK: Final = gettext_noop("This cannot be taken back.")
GONE: Final = gettext_noop("This track is not there any more.")
PARTLY_CHANGED_SINCE: Final = gettext_noop(
    "It is back. Something that was said of it, or done with it in playlists, was changed since and stays as it is."
)
