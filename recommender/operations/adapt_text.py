"""The report of an adaptation as text: Markdown that reads well on a terminal too."""

from collections.abc import Iterator, Mapping
from typing import Any

from embeddings.adaptation_measures import LEAST_SOURCES


def to_text(report: Mapping[str, Any]) -> str:
    """The lines of ``adapt.adapt_to_catalog``'s report."""
    return "\n".join([*_table(report), *_verdict(report)])


def _table(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {report['encoder']}, adapted to {report['tracks']:,} tracks"
    yield ""
    yield (
        f"Learned from {report['training_tracks']:,} tracks, measured on {report['held_out_tracks']:,} of other "
        f"artists and releases. Segments of {report['listened_tracks']:,} tracks were heard."
    )
    yield ""
    yield "| on the tracks held out | queries | sources | before | after | difference (95 %) |"
    yield "|---|---|---|---|---|---|"
    for name, entry in report["measures"].items():
        yield (
            f"| {name} | {entry['queries']:,} | {entry['sources']:,} | {entry['before']:.3f} | {entry['after']:.3f} | "
            f"{_change(entry)} |"
        )
    hubness = report["hubness"]
    yield f"| hubness of all tracks (0 is even) | - | - | {hubness['before']:.2f} | {hubness['after']:.2f} | |"
    yield ""


def _change(entry: Mapping[str, Any]) -> str:
    """The interval is that of a mean over sources: of a few there is none worth the name."""
    change = entry["difference"]
    if entry["sources"] < LEAST_SOURCES:
        return f"{change['value']:+.3f} (too few sources)"
    return f"{change['value']:+.3f} ({change['low']:+.3f} to {change['high']:+.3f})"


def _verdict(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'Better' if report['is_better'] else 'Not better'}: {report['reason']}."
    if not report["installed"]:
        yield "Nothing was changed."
        return
    yield (
        f"Installed as {report['installed']}. Its space fills while the present one answers, and takes over when all "
        "tracks are analysed."
    )
