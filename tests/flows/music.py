"""Songs for the flows, and what the flows ask of a running stack again and again."""

from pathlib import Path

from django.urls import reverse

from embeddings.synthesis import synthesise, write_audio
from tests.stack import Browser, wait_until

UNFINISHED = {"queued", "analysing", "indexing"}


def make_song(folder: Path, style: str, seed: int, *, seconds: float = 12, container: str = "mp3") -> Path:
    tags = {"title": f"{style} {seed}", "artist": f"The {style}s"}
    path = folder / f"{style}-{seed}.{container}"
    return write_audio(path, synthesise(style, seed, seconds), 44_100, container=container, tags=tags)


def upload(browser: Browser, path: Path) -> int:
    """Send one song; the id of its track."""
    answer = browser.upload(reverse("upload_file"), path.name, path.read_bytes())
    assert answer.status == 201, answer.text
    return answer.json()["id"]


def states(browser: Browser, ids: list[int]) -> dict[int, str]:
    answer = browser.get(f"{reverse('upload_states')}?ids={','.join(map(str, ids))}")
    assert answer.status == 200, answer.text
    return {track["id"]: track["state"] for track in answer.json()["tracks"]}


def wait_until_ready(browser: Browser, ids: list[int], seconds: float = 120) -> None:
    """Until every track is ready; a track that ends otherwise fails at once."""

    def all_ready() -> bool:
        now = states(browser, ids)
        assert set(now) == set(ids), f"tracks were lost: {set(ids) - set(now)}"
        assert set(now.values()) <= {*UNFINISHED, "ready"}, now
        return set(now.values()) == {"ready"}

    wait_until(all_ready, seconds, every=0.5)
