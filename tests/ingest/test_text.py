import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.ingest.text import make_readable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202egnp.exe", "agnp.exe"),
        ("\u200b\u2028\ufeff", ""),
        ("\u200d \u200d", ""),
        ("line\r\nbreak\0", "line break"),
        ("family 👩\u200d👩\u200d👧", "family 👩\u200d👩\u200d👧"),
        ("\udcff", "?"),
        ("  many   spaces ", "many spaces"),
        ("x" * 50, "x" * 10),
    ],
)
def test_what_is_shown(text, shown):
    assert make_readable(text, 10 if text.startswith("xx") else 100) == shown


@example("0" * 19 + " 0")
@given(st.text())
def test_any_text_becomes_one_valid_line(text):
    shown = make_readable(text, 20)
    shown.encode()
    assert len(shown) <= 20
    assert shown == " ".join(shown.split())
