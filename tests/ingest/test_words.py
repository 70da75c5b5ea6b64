from recommender.ingest.words import LEAST, MOST_WORDS, WORDS, choose_words, measure_words


def test_a_word_is_said_where_there_is_more_of_it_than_in_most_music():
    (name, *_), level = WORDS["piano"]
    assert choose_words({name: level + 0.01}) == {"piano": level + 0.01}
    assert choose_words({name: level - 0.01}) == {}


def test_a_common_word_is_said_where_it_is_strong():
    names, level = WORDS["electronic"]
    assert level > 0.3
    assert choose_words({names[0]: 0.31}) == {"electronic": 0.31}


def test_names_of_one_meaning_are_one_word():
    assert measure_words({"Hip-Hop": 0.1, "genre---hiphop": 0.4}) == {"hip hop": 0.4}


def test_what_stands_out_most_comes_first_and_not_too_much_is_said():
    everything = {name: 0.9 for names, _ in WORDS.values() for name in names}
    words = choose_words(everything)
    assert len(words) == MOST_WORDS
    stands_out = [share / WORDS[word][1] for word, share in words.items()]
    assert stands_out == sorted(stands_out, reverse=True)


def test_names_nobody_knows_say_nothing():
    assert choose_words({"00s": 0.9, "something else": 1.0}) == {}


def test_no_name_means_two_words():
    names = [name for names, _ in WORDS.values() for name in names]
    assert len(names) == len(set(names))
    assert all(level > 0 for _, level in WORDS.values())
    assert 0 < LEAST < 1
