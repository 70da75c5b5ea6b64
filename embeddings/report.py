"""The quality report as Markdown tables."""

from collections.abc import Iterator, Mapping
from typing import Any

PRECISIONS = ("precision_at_1", "precision_at_5", "precision_at_10", "mean_average_precision", "r_precision")
WORST_TAGS = 5


def to_markdown(report: Mapping[str, Any]) -> str:
    """One table for each label kind, then same-track retrieval and the shape of the space, short queries and how near
    the teachers' space is, stability, cost and tags. A table that would be empty is left out."""
    systems: Mapping[str, Any] = report["systems"]
    failed = f"; {len(report['failed'])} files failed" if report["failed"] else ""
    hours = round(report["hours"], 2)
    lines = [f"{report['tracks']} tracks ({report['recordings']} recordings), {hours} hours{failed}.", ""]
    for kind in ("genre", "artist", "release"):
        lines += _retrieval_table(kind, systems)
    lines += _shape_table(systems)
    lines += _query_table(systems)
    lines += _agreement_table(systems, report["reference"])
    lines += _stability_table(systems)
    if report["unembeddable"]:
        counts = ", ".join(f"{name} {count}" for name, count in report["unembeddable"].items())
        lines += [f"Copies left out (could not be made, silent or too short), and of how many tracks: {counts}.", ""]
    lines += _cost_table(systems)
    lines += _tag_table(systems)
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
            _optional(space["mean_similarity"], ".2f"),
            str(system["dimension"]),
            f"{system['parameters']:,}",
            _optional(seconds, ".1f"),
        )

    heads = ("system", "same track R@1", "hubness", "reach", "mean cosine", "dimension", "parameters", "s per hour")
    return _table(heads, (row(name, system) for name, system in systems.items()))


def _query_table(systems: Mapping[str, Any]) -> list[str]:
    asked = {name: system["short_query"] for name, system in systems.items() if system["short_query"]}
    if not asked:
        return []
    rows = (
        (name, *(_estimate(found[key]) for key in ("recall_at_1", "recall_at_3")), str(found["queries"]))
        for name, found in asked.items()
    )
    return _table(("5 s from the middle find their track", "first", "in the first three", "queries"), rows)


def _agreement_table(systems: Mapping[str, Any], reference: str | None) -> list[str]:
    compared = {name: system["agreement"] for name, system in systems.items() if system["agreement"]}
    if not compared:
        return []
    rows = (
        (name, _estimate(found["overlap_at_10"]), f"{found['pearson']:.3f}", f"{found['spearman']:.3f}")
        for name, found in compared.items()
    )
    return _table((f"like {reference}", "top 10 in common", "Pearson", "Spearman"), rows)


def _stability_table(systems: Mapping[str, Any]) -> list[str]:
    measured = {name: system["stability"] for name, system in systems.items() if system["stability"]}
    if not measured:
        return []
    variants = tuple(next(iter(measured.values())))
    rows = ((name, *(_stability(found.get(variant)) for variant in variants)) for name, found in measured.items())
    return _table(("cosine to the original, and how often it ranks first / in the first three", *variants), rows)


def _stability(found: Mapping[str, Any] | None) -> str:
    if not found:
        return "-"
    ranks = " / ".join(f"{found[key]['value']:.0%}" for key in ("recall_at_1", "recall_at_3"))
    return ranks if found["cosine"] is None else f"{found['cosine']:.3f}, {ranks}"


def _cost_table(systems: Mapping[str, Any]) -> list[str]:
    costs = {name: system["cost"] for name, system in systems.items() if system["cost"]}
    rows = ((name, f"{cost['front_end_ms']:.1f}", f"{cost['network_ms']:.1f}") for name, cost in costs.items())
    return _table(("ms for 30 s of audio, one thread", "front end", "network"), rows) if costs else []


def _tag_table(systems: Mapping[str, Any]) -> list[str]:
    """The mean over all tags, and the tags told worst."""
    tagged = {name: system["tags"] for name, system in systems.items() if system["tags"]}
    if not tagged:
        return []

    def row(name: str, tags: Mapping[str, Any]) -> tuple[str, ...]:
        areas: Mapping[str, float] = tags["auc"]
        worst = sorted(areas, key=lambda tag: areas[tag])[:WORST_TAGS]
        return (
            name,
            _estimate(tags["mean_auc"]),
            str(len(areas)),
            ", ".join(f"{tag} {areas[tag]:.2f}" for tag in worst),
        )

    return _table(("tags", "mean AUC", "tags", "told worst"), (row(name, tags) for name, tags in tagged.items()))


def _optional(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
