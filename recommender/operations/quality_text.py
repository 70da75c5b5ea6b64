"""The quality report as text: Markdown that reads well on a terminal too."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

# The ten nearest of few tracks are most of them: who is found often is chance.
FEW_TRACKS: Final = 50
PRECISIONS: Final = ("precision_at_1", "precision_at_5", "precision_at_10", "mean_average_precision", "r_precision")
ASKED: Final = {
    "genre": "another track of the same genre, by another artist",
    "artist": "another track of the same artist, outside its release",
    "release": "another track of the same release",
}
WHY_NOT: Final = {
    "genre": "no genre has tracks of two artists",
    "artist": "no artist has tracks on two releases, or without one",
    "release": "no release has two tracks",
}


def to_text(report: Mapping[str, Any]) -> str:
    """The lines of ``quality.measure_quality``'s report."""
    return "\n".join([*_overview(report), *_hubs(report["served"]), *_retrieval(report["retrieval"])])


def _overview(report: Mapping[str, Any]) -> Iterator[str]:
    space, similarity = report["space"], report["similarity"]
    yield f"# Quality of this catalog: {report['tracks']:,} tracks, {report['recordings']:,} recordings"
    yield ""
    yield f"Encoder {space['encoder']}, {space['dimension']} dimensions, signature {space['signature']}."
    if report["damaged_vectors"]:
        yield f"{report['damaged_vectors']} damaged vectors were left out."
    yield ""
    served = report["served"]
    yield (
        f"- hubness {report['hubness']:.2f}, as recommended {served['hubness']:.2f}: "
        "skew of how often tracks are among the ten nearest of others; 0 is even"
    )
    yield (
        f"- reach {report['reach']:.1%}, as recommended {served['reach']:.1%}: "
        "tracks that are among the ten nearest of some other track"
    )
    yield f"- cosine of two random tracks: mean {similarity['mean']:.3f}, deciles {_decimals(similarity['deciles'])}"
    yield "- same track: not measured here (`python -m embeddings evaluate` does it)"
    if report["tracks"] < FEW_TRACKS:
        yield f"- hubness, reach, and what is found most often or never are chance with fewer than {FEW_TRACKS} tracks"
    yield ""


def _decimals(values: list[float]) -> str:
    return " ".join(f"{value:.2f}" for value in values)


def _hubs(report: Mapping[str, Any]) -> Iterator[str]:
    """Of the lists as they are recommended."""
    yield "## Recommended most often"
    yield ""
    for hub in report["hubs"]:
        yield f"- {hub['name']} (track {hub['id']}): near {hub['occurrences']:,} tracks"
    yield ""
    orphans = report["orphans"]
    yield f"## Never recommended: {orphans['count']:,} tracks"
    yield ""
    for orphan in orphans["loneliest"]:
        yield f"- {orphan['name']} (track {orphan['id']}): nearest {orphan['nearest']:.2f}"
    if orphans["count"] > len(orphans["loneliest"]):
        yield f"- and {orphans['count'] - len(orphans['loneliest']):,} more"
    if orphans["count"]:
        yield ""


def _retrieval(retrieval: Mapping[str, Any]) -> Iterator[str]:
    yield "## Does it find what the tags say belongs together?"
    yield ""
    yield "| asked for | queries | P@1 | P@5 | P@10 | MAP | R-precision |"
    yield "|---|---|---|---|---|---|---|"
    for kind, scores in retrieval.items():
        if scores:
            cells = " | ".join(_estimate(scores[name]) for name in PRECISIONS)
            yield f"| {ASKED[kind]} | {scores['queries']:,} | {cells} |"
    yield ""
    for kind, scores in retrieval.items():
        if not scores:
            yield f"Not scored: {kind}, since {WHY_NOT[kind]}."
    yield "In brackets the 95 % bootstrap interval over queries. Copies of one recording never count as finds."


def _estimate(estimate: Mapping[str, float]) -> str:
    return f"{estimate['value']:.3f} ({estimate['low']:.2f}-{estimate['high']:.2f})"
