from recommender.catalog.ranking import rank, split_words


def rank_titles(query, *titles):
    return [titles[pk] for pk in rank(query, list(enumerate([title, "", ""] for title in titles)))]


def test_better_answers_come_first():
    titles = ("blue bird flying", "blue", "the blue bird", "bird blue")
    assert rank_titles("blue", *titles)[0] == "blue"
    assert rank_titles("blue bird", *titles)[0] == "the blue bird"
    assert rank_titles("bird blue", *titles)[0] == "bird blue"


def test_a_title_counts_for_more_than_an_artist_and_an_artist_for_more_than_a_release():
    parts = [(1, ["x", "y", "moon"]), (2, ["x", "moon", "y"]), (3, ["moon", "x", "y"])]
    assert rank("moon", parts) == [3, 2, 1]


def test_every_word_has_to_be_answered_somewhere():
    parts = [(1, ["moonlight", "beethoven", ""]), (2, ["moonlight", "nobody", ""])]
    assert rank("bethoven moonlite", parts) == [1]
    assert rank("moonlight zzzz", parts) == []


def test_there_may_be_nothing_to_compare():
    assert rank("", [(1, ["a", "", ""])]) == rank("a", []) == rank("a", [(1, ["", "", ""])]) == []
    assert (split_words("don't ac/dc ???"), split_words("")) == (["dont", "acdc", "???"], [])
