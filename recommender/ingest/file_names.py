"""What the name of a file tells of a track, for as long as its tags do not: "Artist/Album/03 - Title.flac".

A guess is made only where the name has the look of it. Numbers, ids of download sites and the names of folders that
everybody has are no artists.
"""

import re
from dataclasses import dataclass, replace

from recommender.catalog.names import fold
from recommender.ingest.id3_genres import ID3_GENRES
from recommender.ingest.tag_values import LONGEST_NAME, VARIOUS_ARTISTS, YEARS, is_various
from recommender.ingest.tags import FileTags
from recommender.ingest.text import make_readable

UNTITLED = "Untitled"

_SUFFIX = re.compile(r"\.(?=\w*[a-z])[a-z0-9]{2,5}$", re.IGNORECASE | re.ASCII)
_SEPARATOR = re.compile(r"\s+[-\u2013\u2014]+\s+|-{2,}")
_WORDS = (
    "official|original|music|lyrics?|video|clip|audio|hd|hq|4k|1080p|720p|visuali[sz]er|mv|m/v|full|free|download|"
    r"with|explicit|flac|mp3|wav|web|cd|vinyl|lossless|kbps|kbit/s|\d{3}\s?kbps|320|256|192|128|v0|24bit|16bit"
)
_ENDING = re.compile(rf"\s*[(\[{{](?:(?:{_WORDS})[\s,|/-]*)+[)\]}}]\s*$", re.IGNORECASE)
_ALL_JUNK = re.compile(rf"(?:(?:{_WORDS})\s*)+", re.IGNORECASE)
# As yt-dlp and youtube-dl write it.
_VIDEO_ID = re.compile(r"\s*(?:\[([\w-]{11})\]|-([\w-]{11}))$", re.ASCII)
_SITE = re.compile(r"^[\[(]?\s*(?:www\.)?[\w-]+\.(?:com|net|org|cc|ru|io|to|me|is)\s*[\])]?[\s_-]+", re.IGNORECASE)
_SITE_ID = re.compile(r"^\d{5,}(?:[\s_.-]+|$)")
_FREESOUND = re.compile(r"\d{3,}__(?P<artist>.+?)__(?P<title>.+)")
_SCENE = re.compile(r"(?P<number>\d{2})-(?P<artist>[^-\s]*[a-z][^-\s]*)-(?P<title>[^-\s]*[a-z][^-\s]*)", re.IGNORECASE)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){2,}")
_NUMBERED = (
    re.compile(r"(?:(?:cd|disc)\s*)?(?P<disc>\d{1,2})[-.](?P<number>\d{2})(?:\s*[-.)]\s*|\s+|$)(?!\d)", re.IGNORECASE),
    re.compile(r"(?:track|no\.?|#)\s*(?P<number>\d{1,3})(?:\s*[-.:)]\s*|\s+|$)(?!\d)", re.IGNORECASE),
    re.compile(r"[(\[](?P<number>\d{1,3})[)\]]\s*"),
    re.compile(r"(?P<number>\d{1,3})(?:[.:)]\s*(?!\d)|$)"),
    re.compile(r"(?P<number>\d{2,3})-(?=[^\d\s])"),
    re.compile(r"(?P<number>0\d{1,2})\s+"),
)
# "12 Title" is a number only among the tracks of a folder: "99 Luftballons" is a song.
_NUMBERED_IN_FOLDER = (*_NUMBERED, re.compile(r"(?P<number>[1-3]\d|\d)\s+(?=\S)"))
_DISC_FOLDER = re.compile(r"(?:cd|disc|disk)\s*(\d{1,2})\b.*", re.IGNORECASE)
_FOLDER_YEAR = re.compile(r"\s*[(\[](\d{4})[)\]]\s*|^(\d{4})\s+-\s+|\s+-\s+(\d{4})(?=\s+-\s+|$)")
_PLAIN_FOLDERS = re.compile(
    "(?:(?:music|musik|musique|my|new|old|audio|sounds?|sfx|songs?|tracks?|media|downloads?|desktop|documents|home|users?|"
    "temp|tmp|folder|incoming|incomplete|(?:un)?sorted|misc|other|various|stuff|mp3s?|flac|wav|ogg|m4a|albums?|artists?|"
    "singles?|compilations|playlists?|itunes|library|collection|backup|archive|usb|phone|sdcard|data|src|main|core|assets|"
    "resources|static|public|files) ?)+"
)
_NOBODY = frozenset({"unknown", "unknown artist", "artist", "unbekannter interpret", "artiste inconnu", "no artist"})
_NO_RELEASE = frozenset({"unknown album", "unknown", "unbekanntes album", "album inconnu"})
_GENRE_FOLDERS = frozenset(fold(name) for name in ID3_GENRES)


@dataclass(frozen=True)
class _Numbered:
    """A name without the number that led it."""

    rest: str
    number: int | None = None
    disc: int | None = None


def guess_tags(file_name: str) -> FileTags:
    """What `file_name`, which may lead through folders, tells. The title is never empty."""
    *folders, name = [part for part in re.split(r"[/\\]+", file_name) if part not in ("", ".", "..")] or [""]
    stem = _SUFFIX.sub("", name)
    folder = _guess_from_folders([make_readable(part.replace("_", " "), LONGEST_NAME) for part in folders])
    guess = _guess_whole(stem) or _guess_from_parts(_tidy(stem), folder, is_in_folder=bool(folders))
    title = guess.title or make_readable(stem.replace("_", " "), LONGEST_NAME)
    return _join(replace(guess, title=title if title.strip(".") else UNTITLED), folder)


def _guess_whole(stem: str) -> FileTags | None:
    """Names of one known make: of Freesound, and of rips such as "01-some_artist-some_title"."""
    found = _FREESOUND.fullmatch(stem) or _SCENE.fullmatch(stem)
    if found is None:
        return None
    artist, title = (make_readable(found[part].replace("_", " "), LONGEST_NAME) for part in ("artist", "title"))
    number = int(found["number"]) if found.re is _SCENE else None
    return FileTags(title=title, artists=_name_artists(artist), track_number=number or None)


def _tidy(stem: str) -> str:
    """A name with spaces where it has others signs for them, and without what download sites put around it."""
    text = stem.replace("%20", " ")
    video = _VIDEO_ID.search(text)
    if video and _is_random(video[1] or video[2]):
        text = text[: video.start()]
    if _SLUG.fullmatch(text) and not text[0].isdigit():
        text = text.replace("-", " ")
    text = _SITE_ID.sub("", _SITE.sub("", make_readable(text.replace("_", " "), LONGEST_NAME)))
    shorter = _ENDING.sub("", text)
    while shorter != text:
        text, shorter = shorter, _ENDING.sub("", shorter)
    return text


def _guess_from_parts(text: str, folder: FileTags, *, is_in_folder: bool) -> FileTags:
    parts = [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
    if len(parts) > 2 and _ALL_JUNK.fullmatch(parts[-1]):
        parts.pop()
    if not parts:
        return FileTags()
    first = _take_number(parts[0], is_in_folder=is_in_folder)
    if first.number is not None:
        parts = [part for part in (first.rest, *parts[1:]) if part]
    if not parts:
        return FileTags(title=text, track_number=first.number)
    if first.number is None and len(parts) > 1:
        return _guess_from_names(parts, folder)
    return replace(_split_artist(parts, folder), track_number=first.number, disc_number=first.disc)


def _guess_from_names(parts: list[str], folder: FileTags) -> FileTags:
    """ "Artist - Album - 03 - Title" and "Artist - 03 - Title", or else "Artist - Title"."""
    for position in range(1, len(parts)):
        found = _take_number(parts[position], is_in_folder=False)
        is_alone = found.number is not None and not found.rest and position < len(parts) - 1
        is_led = found.number is not None and found.rest and position == len(parts) - 1 and position > 1
        if position <= 2 and (is_alone or is_led):
            title = " - ".join(part for part in (found.rest, *parts[position + 1 :]) if part)
            artist = replace(_split_artist([parts[0], title], FileTags()), track_number=found.number)
            return replace(artist, disc_number=found.disc, release=parts[1] if position == 2 else "")
    return _split_artist(parts, folder)


def _split_artist(parts: list[str], folder: FileTags) -> FileTags:
    """The first part is the artist, unless the folder says who it is: then only if they are the same."""
    whole = " - ".join(parts)
    if len(parts) < 2:
        return FileTags(title=whole)
    title = " - ".join(parts[1:])
    if folder.artists:
        is_same = fold(parts[0]) in {fold(name) for name in folder.artists}
        return FileTags(title=title, artists=folder.artists) if is_same else FileTags(title=whole)
    if is_various(parts[0]):
        return FileTags(title=title, album_artist=VARIOUS_ARTISTS)
    if parts[0].isdecimal():
        year = int(parts[0]) if len(parts[0]) == 4 and int(parts[0]) in YEARS else None
        return FileTags(title=title, year=year)
    return FileTags(title=title, artists=_name_artists(parts[0]))


def _guess_from_folders(folders: list[str]) -> FileTags:
    """Artist, release, year and disc out of "Artist/Album", "Artist - Album (1999)" and the like."""
    disc = None
    if folders and (found := _DISC_FOLDER.fullmatch(folders[-1])):
        disc, folders = int(found[1]) or None, folders[:-1]
    if not folders:
        return FileTags(disc_number=disc)
    name, year = _take_year(_ENDING.sub("", folders[-1]))
    parts = [part.strip() for part in _SEPARATOR.split(name) if part.strip()]
    if len(parts) >= 2 and not parts[0].isdecimal():
        artist, release = parts[0], " - ".join(parts[1:])
    else:
        artist, release = folders[-2] if len(folders) > 1 else "", name
    if _is_plain(release) or fold(release) in _NO_RELEASE or not any(map(str.isalnum, release)):
        return FileTags(disc_number=disc)
    described = FileTags(release=release, year=year, disc_number=disc)
    if is_various(artist):
        return replace(described, album_artist=VARIOUS_ARTISTS)
    if _is_plain(artist) or fold(artist) in _GENRE_FOLDERS:
        return described
    names = _name_artists(artist)
    return replace(described, artists=names, album_artist=names[0] if names else "")


def _join(guess: FileTags, folder: FileTags) -> FileTags:
    """The folder counts for files that are numbered as on a release, and for what it says of a disc and a year."""
    is_on_release = guess.track_number is not None or folder.disc_number is not None or folder.year is not None
    if not is_on_release or not folder.release:
        return guess
    return replace(
        guess,
        artists=guess.artists or folder.artists,
        album_artist=guess.album_artist or folder.album_artist,
        release=guess.release or folder.release,
        disc_number=guess.disc_number or folder.disc_number,
        year=guess.year or folder.year,
    )


def _take_number(text: str, *, is_in_folder: bool) -> _Numbered:
    for pattern in _NUMBERED_IN_FOLDER if is_in_folder else _NUMBERED:
        found = pattern.match(text)
        if found and int(found["number"]):
            disc = found.groupdict().get("disc")
            return _Numbered(text[found.end() :].strip(), int(found["number"]), int(disc) if disc else None)
    return _Numbered(text)


def _take_year(folder: str) -> tuple[str, int | None]:
    found = _FOLDER_YEAR.search(folder)
    year = int(next(filter(None, found.groups()))) if found else 0
    if found is None or year not in YEARS:
        return folder, None
    return f"{folder[: found.start()]} {folder[found.end() :]}".strip(), year


def _name_artists(name: str) -> tuple[str, ...]:
    """`name` as the one artist, unless it is nobody's."""
    is_somebody = any(letter.isalpha() for letter in name) and fold(name) not in _NOBODY
    return (name,) if is_somebody or re.fullmatch(r"[^\w\s]+", name) else ()


def _is_plain(folder: str) -> bool:
    """Whether a folder has a name that tells nothing."""
    name = fold(folder)
    return not name or _PLAIN_FOLDERS.fullmatch(name) is not None


def _is_random(identifier: str) -> bool:
    """Whether eleven letters are an id and no words: small and large letters and digits follow each other anyhow."""
    return len(re.findall(r"(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[0-9]|(?<=[0-9])[A-Za-z]", identifier)) >= 3
