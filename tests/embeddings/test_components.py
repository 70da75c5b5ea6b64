import numpy as np

from embeddings.components import connect


def test_what_is_linked_over_others_has_one_name() -> None:
    found = connect([(0, 1), (3, 4), (1, 5), (2, 2)], 7)
    np.testing.assert_array_equal(found, [0, 0, 2, 3, 3, 0, 6])


def test_the_order_of_the_links_decides_nothing() -> None:
    links = [(5, 6), (2, 1), (6, 2), (3, 4)]
    for order in (links, links[::-1]):
        np.testing.assert_array_equal(connect(order, 7), [0, 1, 1, 3, 3, 1, 1])


def test_without_links_everybody_is_alone() -> None:
    np.testing.assert_array_equal(connect([], 3), [0, 1, 2])


def test_a_long_chain_is_no_deep_recursion() -> None:
    assert len(set(connect([(i, i + 1) for i in range(20_000)], 20_001).tolist())) == 1
