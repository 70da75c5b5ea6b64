"""The quality report as Markdown tables."""

from collections.abc import Iterator, Mapping
from typing import Any

PRECISIONS = ("precision_at_1", "precision_at_5", "precision_at_10", "mean_average_precision", "r_precision")


def to_markdown(report: Mapping[str, Any]) -> str:
    """One table for each label kind, then the shape of the space, same-track retrieval, cost and stability."""
    systems: Mapping[str, Any] = report["systems"]
    failed = f"; {len(report['failed'])} files failed" if report["failed"] else ""
    lines = [f"{report['tracks']} tracks ({report['recordings']} recordings), {report['hours']} hours{failed}.", ""]
    for kind in ("genre", "artist", "release"):
        lines += _retrieval_table(kind, systems)
    lines += _shape_table(systems)
    lines += _stability_table(systems)
    if report["unembeddable"]:
        counts = ", ".join(f"{name} {count}" for name, count in report["unembeddable"].items())
        lines += [f"Copies left out as silent or too short, and of how many tracks: {counts}.", ""]
    return "\n".join(lines)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> list[str]:
    return [_row(*heads), "|" + "---|" * len(heads), *(_row(*row) for row in rows), ""]


def _estimate(estimate: Mapping[str, float]) -> str:
    return f"{estimate['value']:.3f} ({estimate['low']:.2f}-{estimate['high']:.2f})"


def _retrieval_table(kind: str, systems: Mapping[str, Any]) -> list[str]:
    scored = {name: system["retrieval"][kind] for name, system in systems.items() if system["retrieval"][kind]}
    if not scored:
        return [f"Same {kind}: no eligible query.", ""]
    queries = next(iter(scored.values()))["queries"]
    rows = ((name, *(_estimate(scores[key]) for key in PRECISIONS)) for name, scores in scored.items())
    heads = (f"same {kind}, {queries} queries", "P@1", "P@5", "P@10", "MAP", "R-precision")
    return _table(heads, rows)


def _shape_table(systems: Mapping[str, Any]) -> list[str]:
    def row(name: str, system: Mapping[str, Any]) -> tuple[str, ...]:
        space, same, seconds = system["space"], system["same_track"], system["compute_seconds_per_hour_of_audio"]
        return (
            name,
            f"{_estimate(same['recall_at_1'])}, MRR {same['mean_reciprocal_rank']:.3f}" if same else "-",
            f"{space['hubness']:.2f}",
            f"{space['reach']:.2f}",
            f"{space['mean_similarity']:.2f}",
            str(system["dimension"]),
            f"{system['parameters']:,}",
            "-" if seconds is None else f"{seconds:.1f}",
        )

    heads = ("system", "same track R@1", "hubness", "reach", "mean cosine", "dimension", "parameters", "s per hour")
    return _table(heads, (row(name, system) for name, system in systems.items()))


def _stability_table(systems: Mapping[str, Any]) -> list[str]:
    measured = {name: system["stability"] for name, system in systems.items() if system["stability"]}
    if not measured:
        return []
    variants = tuple(next(iter(measured.values())))
    rows = (
        (name, *(f"{found[v]['cosine']:.3f}, {found[v]['recall_at_1']['value']:.0%} first" for v in variants))
        for name, found in measured.items()
    )
    return _table(("cosine to the original, and how often it ranks first", *variants), rows)
