import itertools
import threading

from recommender.curation.lately import Lately


def test_it_is_found_once_for_all_who_ask():
    counted = itertools.count()
    lately, found = Lately(60, lambda: next(counted)), []
    threads = [threading.Thread(target=lambda: found.append(lately.read())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0, 0, 0, 0]
    lately.forget()
    assert lately.read() == 1


def test_what_is_too_old_is_found_anew():
    counted = itertools.count()
    lately = Lately(-1, lambda: next(counted))
    assert [lately.read(), lately.read()] == [0, 1]
