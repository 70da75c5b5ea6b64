import threading
import uuid

import pytest
from django.conf import settings

from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.part_files import hold_part, is_held, part_of, size_of_part


@pytest.fixture
def upload_id():
    made = uuid.uuid4()
    yield made
    for left in settings.STORAGE.staging.glob(f"upload-{made}*"):
        left.unlink()


class BrokenOffError(Exception):
    pass


def test_what_is_appended_is_there_at_once_and_stays(upload_id):
    assert size_of_part(upload_id) == 0
    with hold_part(upload_id) as part:
        part.append(b"one ")
        assert size_of_part(upload_id) == 4
        part.append(b"two")
    with hold_part(upload_id) as part:
        assert (part.size, b"".join(part.read_blocks()), part.read_head(3)) == (7, b"one two", b"one")


def test_one_at_a_time(upload_id):
    with hold_part(upload_id):
        assert is_held(part_of(upload_id))
        with pytest.raises(UploadRefusedError) as caught, hold_part(upload_id, wait_seconds=0):
            pass
        assert (caught.value.code, caught.value.status) == ("locked", 423)
    assert not is_held(part_of(upload_id))


def test_the_next_one_waits_a_moment(upload_id):
    held, order = threading.Event(), []

    def hold():
        with hold_part(upload_id):
            held.set()
            order.append("first")
            threading.Event().wait(0.2)
            order.append("first ends")

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with hold_part(upload_id):
        order.append("second")
    thread.join()
    assert order == ["first", "first ends", "second"]


def test_who_waited_for_a_file_that_was_removed_gets_a_new_one(upload_id):
    sizes = []

    def wait():
        with hold_part(upload_id) as part:
            sizes.append((part.size, part.path.exists()))

    with hold_part(upload_id) as part:
        part.append(b"gone")
        thread = threading.Thread(target=wait)
        thread.start()
        threading.Event().wait(0.2)
        part.remove()
    thread.join()
    assert sizes == [(0, True)]


def append_and_break_off(part):
    with part.whole_or_nothing():
        part.append(b" bad")
        assert size_of_part(upload_id_of(part)) == 4
        raise BrokenOffError


def upload_id_of(part):
    return uuid.UUID(part.path.stem.removeprefix("upload-"))


def test_what_was_not_verified_goes_again(upload_id):
    with hold_part(upload_id) as part:
        part.append(b"good")
        with pytest.raises(BrokenOffError):
            append_and_break_off(part)
        assert part.size == size_of_part(upload_id) == 4
        with part.whole_or_nothing():
            part.append(b" better")
        assert size_of_part(upload_id) == 11


def test_what_was_not_verified_before_the_process_died_does_not_count(upload_id):
    """Without the code that runs at an exception, as after SIGKILL."""
    with hold_part(upload_id) as part:
        part.append(b"good")
        never_ended = part.whole_or_nothing()
        never_ended.__enter__()
        part.append(b" unknown")
    assert size_of_part(upload_id) == 4
    with hold_part(upload_id) as part:
        assert never_ended
        assert (part.size, list(settings.STORAGE.staging.glob("*.unverified"))) == (4, [])


def test_a_mark_that_was_not_written_to_the_end_changes_nothing(upload_id):
    with hold_part(upload_id) as part:
        part.append(b"good")
        part.path.with_suffix(".unverified").touch()
    with hold_part(upload_id) as part:
        assert part.size == 4
