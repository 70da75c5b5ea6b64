"""The whole way once: a song goes in over HTTP, and what sounds like it comes out."""

import re

import pytest
from django.urls import reverse

from embeddings.synthesis import list_styles
from tests.flows.music import make_song, upload, wait_until_ready
from tests.stack import wait_until

KINDS = ["mp3", "flac", "vorbis", "aac-m4a", "wav", "opus"]


@pytest.fixture(scope="module")
def catalog(stack, tmp_path_factory):
    """Three tracks of every style, each in another container: ids by (style, number)."""
    browser, folder = stack.open_browser(), tmp_path_factory.mktemp("songs")
    ids = {}
    for position, style in enumerate(list_styles()):
        for number in range(3):
            kind = KINDS[(position + number) % len(KINDS)]
            ids[style, number] = upload(browser, make_song(folder, style, number, container=kind))
    wait_until_ready(browser, list(ids.values()))
    return ids


def neighbours(browser, track_id):
    """Ids of the tracks that sound like it, in order: all of them, since other tests bring more by the same artists."""
    page = browser.get(f"{reverse('track', args=[track_id])}?variety=raw&limit=100")
    assert page.status == 200
    listed = re.findall(r'href="/tracks/(\d+)/"', page.text.split('id="similar-list"')[-1])
    return list(dict.fromkeys(int(found) for found in listed if int(found) != track_id))


def test_tracks_of_one_style_sound_alike(stack, catalog):
    browser = stack.open_browser()
    style_of = {track_id: style for (style, _), track_id in catalog.items()}
    hits = 0
    for (style, _), track_id in catalog.items():
        found = [style_of[neighbour] for neighbour in neighbours(browser, track_id) if neighbour in style_of]
        hits += sum(near == style for near in found[:2])
    # Chance would be 2 of 17 neighbours; six styles this different should hardly ever be confused.
    assert hits >= 0.8 * 2 * len(catalog)


def test_a_listener_without_account_hears_what_is_published(stack, catalog):
    stranger, track_id = stack.open_browser(signed_in=False), catalog["piano", 0]
    assert neighbours(stranger, track_id)
    whole = stranger.get(reverse("track_audio", args=[track_id]))
    part = stranger.get(reverse("track_audio", args=[track_id]), Range="bytes=1000-1999")
    assert (whole.status, part.status) == (200, 206)
    assert part.body == whole.body[1000:2000]


def test_tags_arrive_on_the_page(stack, catalog):
    page = stack.open_browser().get(reverse("track", args=[catalog["rock", 1]]))
    assert "rock 1" in page.text
    assert "The rocks" in page.text


def test_the_library_is_searched(stack, catalog):
    found = stack.open_browser().get(f"{reverse('library')}?q=techno+2")
    assert f'/tracks/{catalog["techno", 2]}/"' in found.text
    assert f'/tracks/{catalog["flute", 0]}/"' not in found.text


def test_a_removed_track_is_gone_with_its_file(stack, tmp_path):
    browser = stack.open_browser()
    track_id = upload(browser, make_song(tmp_path, "piano", 877))
    wait_until_ready(browser, [track_id])
    before = set((stack.home / "media" / "audio").rglob("*"))
    browser.post(reverse("track_delete", args=[track_id]), {})
    assert browser.get(reverse("track", args=[track_id])).status == 404
    browser.post(reverse("desk_do"), {"verb": "purge", "track": str(track_id)})
    wait_until(lambda: before - set((stack.home / "media" / "audio").rglob("*")), 60)


def test_bad_files_end_with_a_reason_and_the_rest_goes_on(stack, tmp_path):
    browser = stack.open_browser()
    short = upload(browser, make_song(tmp_path, "flute", 878, seconds=0.2, container="wav"))
    broken = tmp_path / "broken.flac"
    song = make_song(tmp_path, "flute", 879).read_bytes()
    broken.write_bytes(b"fLaC" + bytes(range(256)) * 800)
    failed = upload(browser, broken)
    whole = tmp_path / "cut.mp3"
    whole.write_bytes(song[: len(song) // 2])
    cut = upload(browser, whole)
    wait_until_ready(browser, [cut])

    def told(track_id):
        answer = browser.get(f"{reverse('upload_states')}?ids={track_id}").json()["tracks"][0]
        return None if answer["is_unfinished"] else answer

    assert wait_until(lambda: told(short), 60)["state"] == "unindexed"
    answer = wait_until(lambda: told(failed), 60)
    assert answer["state"] == "failed"
    assert answer["sentence"].endswith(".")
