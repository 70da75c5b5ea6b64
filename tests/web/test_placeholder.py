from xml.etree import ElementTree

from django.urls import reverse

from recommender.web.placeholder import COUNT, draw, number_of


def test_every_placeholder_is_a_picture_of_its_own():
    pictures = [draw(number) for number in range(COUNT)]
    assert len(set(pictures)) == COUNT
    for picture in pictures:
        assert ElementTree.fromstring(picture).tag.endswith("svg")
        assert "style=" not in picture


def test_a_track_keeps_its_picture_and_neighbours_differ():
    assert number_of(17) == number_of(17)
    assert len({number_of(track_id) for track_id in range(1000, 1000 + COUNT)}) == COUNT


def test_pictures_are_kept_by_caches_and_end_somewhere(client):
    answer = client.get(reverse("placeholder_cover", args=[5]))
    assert answer["Content-Type"] == "image/svg+xml"
    assert "max-age=604800" in answer["Cache-Control"]
    assert client.get(reverse("placeholder_cover", args=[COUNT])).status_code == 404
