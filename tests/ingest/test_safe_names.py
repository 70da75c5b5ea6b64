import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.ingest.safe_names import make_safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("AC/DC", "AC_DC"),
        ('a<b>c:d"e\\f|g?h*i', "a_b_c_d_e_f_g_h_i"),
        ("..", "_"),
        (".hidden", "_.hidden"),
        ("Wait...", "Wait"),
        ("end ", "end"),
        ("", "_"),
        ("con", "_con"),
        ("NUL.mp3", "_NUL.mp3"),
        ("Concert", "Concert"),
        ("a\0b\u202ec\nd", "a_b_c_d"),
        ("cafe\u0301", "café"),
        ("שלום 🎻", "שלום 🎻"),
        ("x" * 500, "x" * 80),
    ],
)
def test_a_name_that_every_system_takes(name, safe):
    assert make_safe(name) == safe


@given(st.text())
def test_whatever_it_is(name):
    safe = make_safe(name)
    assert safe
    assert len(safe.encode()) <= 201
    assert safe not in (".", "..")
    assert not set(safe) & set('<>:"/\\|?*\0')
    assert safe[-1] not in ". "
    assert safe[0] != "."
