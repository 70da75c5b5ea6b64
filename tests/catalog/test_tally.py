import numpy as np

from recommender.catalog import tally as room
from recommender.catalog.tally import make_tally

ROWS = [(1, "a", "x,y"), (2, "a", "y"), (3, None, ""), (9, "b", "x,y")]
READINGS = {"one": lambda cell: [cell] if cell else [], "several": lambda cell: cell.split(",") if cell else []}


def count(rows, **chosen):
    """The ids that are chosen, and the counts."""
    tally = make_tally(rows, READINGS)
    return tally.select(chosen).tolist(), tally.count(chosen)


def test_counts_leave_out_their_own_choice():
    assert count(ROWS) == ([1, 2, 3, 9], {"one": {"a": 2, "b": 1}, "several": {"x": 2, "y": 3}})
    assert count(ROWS, one={"a"}) == ([1, 2], {"one": {"a": 2, "b": 1}, "several": {"x": 1, "y": 2}})
    assert count(ROWS, one={"a"}, several={"x"}) == ([1], {"one": {"a": 1, "b": 1}, "several": {"x": 1, "y": 2}})
    assert count(ROWS, several={"x", "y"}, one=set()) == (
        [1, 2, 9],
        {"one": {"a": 2, "b": 1}, "several": {"x": 2, "y": 3}},
    )


def test_what_nothing_has_and_what_is_no_column_are_no_trouble():
    assert count(ROWS, one={"c"}) == ([], {"one": {"a": 2, "b": 1}, "several": {}})
    assert count(ROWS, other={"c"})[0] == [1, 2, 3, 9]
    assert count([]) == ([], {"one": {}, "several": {}})
    assert count([], one={"a"}) == ([], {"one": {}, "several": {}})
    assert count([(3, None, "")], several={"x"}) == ([], {"one": {}, "several": {}})


def test_as_many_columns_may_be_chosen_as_there_are(monkeypatch):
    monkeypatch.setattr(room, "_AT_ONCE", 200)
    chance = np.random.default_rng(1)
    rows = [(pk, str(chance.integers(3)), ",".join(set(chance.choice(list("xyz"), 2)))) for pk in range(500)]
    ids, counted = count(rows, one={"1"}, several={"x", "z"})
    fit = {"one": lambda row: row[1] == "1", "several": lambda row: set(row[2].split(",")) & {"x", "z"}}
    assert ids == [row[0] for row in rows if all(test(row) for test in fit.values())]
    assert counted["one"] == {
        value: sum(row[1] == value and bool(fit["several"](row)) for row in rows) for value in "012"
    }
