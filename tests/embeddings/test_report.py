"""The report as tables."""

from embeddings.report import to_markdown
from embeddings.scoring import to_report
from tests.embeddings.test_scoring import make_measurement


def cells(text: str, head: str) -> dict[str, list[str]]:
    """Rows of the table whose first heading begins with ``head``, by their first cell."""
    table = next(part for part in text.split("\n\n") if part.startswith(f"| {head}"))
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()]
    assert {len(row) for row in rows[:1] + rows[2:]} == {len(rows[0])}
    assert rows[1] == ["|".join(["---"] * len(rows[0]))]
    return {row[0]: row[1:] for row in rows[2:]}


def test_tables_say_what_the_report_says() -> None:
    text = to_markdown(to_report(make_measurement()))
    assert text.startswith("12 tracks (12 recordings), 2.0 hours.")
    assert cells(text, "same release, 12 queries").keys() == {"ours", "teacher"}
    shape = cells(text, "system")
    assert shape["ours"][0].startswith("1.000 (1.00-1.00), MRR 1.000")
    assert shape["ours"][-3:] == ["2", "10", "3.0"]
    assert cells(text, "5 s from the middle") == {"ours": ["0.500 (0.00-1.00)", "1.000 (1.00-1.00)", "2"]}
    assert cells(text, "like teacher") == {"ours": ["1.000 (1.00-1.00)", "1.000", "1.000"]}
    assert cells(text, "cosine to the original") == {"ours": ["1.000, 100% / 100%"]}
    assert cells(text, "ms for 30 s of audio") == {"ours": ["3.0", "20.0"]}
    assert cells(text, "tags")["ours"][1:] == ["2", "west 0.00, east 1.00"]


def test_a_scale_of_its_own_is_no_cosine() -> None:
    report = to_report(make_measurement())
    ours = report["systems"]["ours"]
    ours["space"]["mean_similarity"] = ours["stability"]["mono"]["cosine"] = None
    text = to_markdown(report)
    assert cells(text, "cosine to the original") == {"ours": ["100% / 100%"]}
    assert cells(text, "system")["ours"][3] == "-"


def test_a_variant_that_one_system_lacks_is_a_dash() -> None:
    report = to_report(make_measurement())
    stability = report["systems"]["ours"]["stability"]
    report["systems"]["teacher"]["stability"] = {}
    report["systems"]["other"] = report["systems"]["ours"] | {"stability": {"-12 dB": stability["mono"]}}
    assert cells(to_markdown(report), "cosine to the original")["other"] == ["-"]


def test_tables_without_anything_to_show_are_left_out() -> None:
    report = to_report(make_measurement())
    for system in report["systems"].values():
        system.update(cost=None, tags=None, agreement=None, short_query=None, stability={})
    text = to_markdown(report)
    for head in ("ms for", "tags", "like", "5 s from", "cosine to"):
        assert f"| {head}" not in text
