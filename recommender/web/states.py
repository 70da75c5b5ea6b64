"""The states of an analysis in words for people."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from recommender.catalog.models import AnalysisState, Track

UNFINISHED = frozenset({AnalysisState.QUEUED, AnalysisState.ANALYSING, AnalysisState.INDEXING})
RETRIABLE = frozenset({AnalysisState.FAILED, AnalysisState.UNINDEXED})

_LABELS: dict[str, str] = {
    AnalysisState.QUEUED: "Queued",
    AnalysisState.ANALYSING: "Analysing",
    AnalysisState.INDEXING: "Indexing",
    AnalysisState.READY: "Ready",
    AnalysisState.FAILED: "Failed",
    AnalysisState.UNINDEXED: "Not compared",
    "deleting": "Being deleted",
}
_SENTENCES: dict[str, str] = {
    AnalysisState.QUEUED: "Waiting for its turn.",
    AnalysisState.ANALYSING: "Being listened to from start to end.",
    AnalysisState.INDEXING: "It can be played already. Its neighbours are about to be known.",
    AnalysisState.READY: "Compared with everything else in the catalog.",
    AnalysisState.FAILED: "Something went wrong while it was analysed. Trying again may help.",
    AnalysisState.UNINDEXED: "It can be played, but there is nothing in it to compare.",
    "deleting": "It will be gone in a moment.",
}
_REASONS: dict[str, str] = {
    "bad_audio": "The audio in this file could not be read.",
    "not_audio": "Nothing in this file could be recognised as audio.",
    "no_audio": "This file holds no audio, only video or data.",
    "unsupported": "This kind of audio is not supported. Files with copy protection cannot be read, for instance.",
    "corrupt": "This file is damaged: not one second of it could be decoded.",
    "too_long": "This file plays for longer than is allowed here.",
    "too_short": "It can be played, but it is too short to be compared with other tracks.",
    "silent": "It can be played, but it is silent, so there is nothing to compare.",
    "unembeddable": "It can be played, but there is nothing in it to compare.",
    "decoder_failed": "Decoding this file broke off several times.",
    "decoder_died": "Decoding this file broke off several times.",
    "decoder_stalled": "Decoding this file took too long, several times.",
}
# Reasons with several causes, of which the decoder names the one it met.
_TOLD_BEST_BY_THE_WORKER = frozenset({"not_audio", "unsupported", "corrupt"})


@dataclass(frozen=True, kw_only=True)
class ShownState:
    """What a page says about where a track stands. `state` is the stable word, for machines and style sheets."""

    state: str
    label: str
    sentence: str
    is_unfinished: bool
    is_retriable: bool


def show_state(track: Track) -> ShownState:
    """Needs `with_state()`."""
    state = track.shown_state()
    ended = state in RETRIABLE
    return ShownState(
        state=state,
        label=_LABELS.get(state, state.capitalize()),
        sentence=(_explain(track) if ended else "") or _SENTENCES.get(state, ""),
        is_unfinished=state in UNFINISHED,
        is_retriable=ended,
    )


def _explain(track: Track) -> str:
    """Reasons we have words for, else the sentence the worker left."""
    reason, detail = getattr(track, "reason", None), getattr(track, "detail", None)
    if reason in _TOLD_BEST_BY_THE_WORKER and detail:
        return str(detail)
    return _REASONS.get(reason or "") or detail or ""


def describe_for_machines(track: Track) -> dict[str, Any]:
    """The answer to a browser that follows an upload. Needs `with_state()`."""
    shown = show_state(track)
    return {
        "id": track.pk,
        "title": track.title,
        "artist": track.artist_name if track.artist else "",
        "size_bytes": track.audio_file.size_bytes,
        "url": reverse("track", args=[track.pk]),
        "state": shown.state,
        "label": shown.label,
        "sentence": shown.sentence,
        "is_unfinished": shown.is_unfinished,
        "is_retriable": shown.is_retriable,
    }
