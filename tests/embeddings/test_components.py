import numpy as np

from embeddings.components import connect


def test_what_is_linked_over_others_has_one_name() -> None:
    found = connect([(0, 1), (3, 4), (1, 5), (2, 2)], 7)
    assert found[0] == found[1] == found[5]
    assert found[3] == found[4]
    assert len(set(found.tolist())) == 4
    assert all(found[name] == name for name in found)


def test_without_links_everybody_is_alone() -> None:
    np.testing.assert_array_equal(connect([], 3), [0, 1, 2])


def test_a_long_chain_is_no_deep_recursion() -> None:
    assert len(set(connect([(i, i + 1) for i in range(20_000)], 20_001).tolist())) == 1
