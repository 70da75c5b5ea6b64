"""Sentences that acts keep of tracks that could not be changed; whoever shows them translates them."""

from typing import Final

from django.utils.translation import gettext_noop

CHANGED_SINCE: Final = gettext_noop("This was changed again since, and stays as it is.")
CHANGED_MEANWHILE: Final = gettext_noop("This was changed after it had been looked at, and stays as it is.")
FAILED: Final = gettext_noop("Something went wrong with this one. The log of the server says what.")
NO_WAY_BACK: Final = gettext_noop("This cannot be taken back.")
GONE: Final = gettext_noop("This track is not there any more.")
PARTLY_CHANGED_SINCE: Final = gettext_noop(
    "It is back. Something that was said of it, or done with it in playlists, was changed since and stays as it is."
)
SOME_CHANGED_SINCE: Final = gettext_noop("It is back but for something of it that was changed again since.")
KEPT_IS_GONE: Final = gettext_noop("The track that was to be kept is not there any more. Nothing was merged.")
NOT_GIVEN_UP: Final = gettext_noop("Only its owner or an administrator can give a track up. Nothing was merged.")
ARTIST_GONE: Final = gettext_noop("This artist is not there any more.")
TAKE_BACK_FIRST: Final = gettext_noop("The artist that was kept is part of another one by now. Take that back first.")
NAME_TAKEN: Final = gettext_noop("The old name stands for another artist by now. Give that one another name first.")
# What is said of something that was taken back all the same.
BACK_IN_PART: Final = (PARTLY_CHANGED_SINCE, SOME_CHANGED_SINCE)


def tell_stayed(stayed: int, total: int) -> str:
    """Of `total` things that were to be put back so many stay as they are."""
    if not stayed:
        return ""
    return CHANGED_SINCE if stayed == total else SOME_CHANGED_SINCE
