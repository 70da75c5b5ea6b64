from django.utils import translation

from recommender.web.desk.charts import draw_bars


def test_the_largest_bar_is_as_high_as_the_picture():
    chart = draw_bars("Tempo", "How many.", [("slow", 2_000), ("medium", 0), ("fast", 1_000)])
    assert [bar.height for bar in chart.bars] == ["100.00", "0.00", "50.00"]
    assert [bar.y for bar in chart.bars] == ["0.00", "100.00", "50.00"]
    assert chart.bars[-1].x + chart.bars[-1].width <= chart.width
    assert chart.bars[0].count == "2,000"


def test_pictures_are_numbers_for_machines_in_every_language():
    with translation.override("de"):
        bar = draw_bars("", "", [("a", 3_000), ("b", 1_000)]).bars[1]
    assert (bar.height, bar.count) == ("33.33", "1.000")


def test_nothing_is_a_picture_without_bars():
    assert draw_bars("", "", []).bars == []
    assert [bar.height for bar in draw_bars("", "", [("a", 0)]).bars] == ["0.00"]
