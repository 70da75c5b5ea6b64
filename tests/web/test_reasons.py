import pytest

from recommender.similarity.explain import Reason, ReasonKind
from recommender.web.reasons import describe_reasons


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason(ReasonKind.WORDS, ("calm", "piano")), "both calm, piano"),
        (Reason(ReasonKind.TEMPO, (119.6, 121.0)), "both about 120 BPM"),
        (Reason(ReasonKind.TEMPO, (60.0, 121.0)), "121 BPM, twice as fast"),
        (Reason(ReasonKind.TEMPO, (174.0, 87.0)), "87 BPM, half as fast"),
        (Reason(ReasonKind.KEY, (0, 0)), "both in C major"),
        (Reason(ReasonKind.KEY, (0, 21)), "A minor goes with C major"),
        (Reason(ReasonKind.ENERGY, (0.1, 0.2)), "both calm"),
        (Reason(ReasonKind.ENERGY, (0.8, 0.9)), "both energetic"),
        (Reason(ReasonKind.BRIGHTNESS, (0.1, 0.2)), "both dark"),
        (Reason(ReasonKind.BRIGHTNESS, (0.7, 0.8)), "both bright"),
        (Reason(ReasonKind.TASTE, (0.05,)), "close to what you like"),
        (Reason(ReasonKind.TASTE, (-0.05,)), "close to what you passed over"),
    ],
)
def test_each_reason_is_said_in_words(reason, text):
    assert describe_reasons([reason]) == [text]
