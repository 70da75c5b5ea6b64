"""MP3 and its like, and AAC: bare frames behind ID3v2; at the end there may be APEv2 and ID3v1."""

from recommender.ingest.tagging.ape import find_tail
from recommender.ingest.tagging.details import Details
from recommender.ingest.tagging.id3 import build_tag, read_leading
from recommender.ingest.tagging.pieces import Kept, New, Piece, Source


def tag_frames(source: Source, details: Details) -> list[Piece]:
    """The tags at the end go: they would say something else, in fewer letters."""
    leading = read_leading(source)
    tail = find_tail(source)
    return [New(build_tag(details, leading.frames)), Kept(leading.end, max(0, tail.start - leading.end))]
