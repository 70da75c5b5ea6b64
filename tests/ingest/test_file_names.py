import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.ingest.file_names import guess_tags
from recommender.ingest.tags import FileTags


def says(title, artist="", number=None, **given):
    return FileTags(title=title, artists=(artist,) if artist else (), track_number=number, **given)


PLAIN = {
    "Roygbiv.mp3": says("Roygbiv"),
    "Mr. Brightside": says("Mr. Brightside"),
    "R.E.M..mp3": says("R.E.M."),
    "AC-DC.mp3": says("AC-DC"),
    "hip-hop.ogg": says("hip-hop"),
    "ghoulish-fun.opus": says("ghoulish-fun"),
    "ride-of-the-valkyries.opus": says("ride of the valkyries"),
    "Chilling_Environment-fixed.ogg": says("Chilling Environment-fixed"),
    "JRPG_dungeon_loop.opus": says("JRPG dungeon loop"),
    "99 Luftballons.mp3": says("99 Luftballons"),
    "50 Ways to Leave Your Lover.mp3": says("50 Ways to Leave Your Lover"),
    "7 Rings.m4a": says("7 Rings"),
    "1-800-273-8255.mp3": says("1-800-273-8255"),
    "1979.flac": says("1979"),
    "2+2=5.flac": says("2+2=5"),
    "4'33\".wav": says("4'33\""),
    "24-7.mp3": says("24-7"),
    "3.14159.mp3": says("3.14159"),
    "THIS IS ALL CAPS.MP3": says("THIS IS ALL CAPS"),
    "Пример песни.mp3": says("Пример песни"),
    "テスト.mp3": says("テスト"),
    "...mp3": says("Untitled"),
    "": says("Untitled"),
    ".mp3": says("Untitled"),
}
NUMBERED = {
    "01.mp3": says("01", number=1),
    "Track 01.mp3": says("Track 01", number=1),
    "03 - Title.mp3": says("Title", number=3),
    "03 Title.mp3": says("Title", number=3),
    "03. Title.mp3": says("Title", number=3),
    "3. Title.mp3": says("Title", number=3),
    "03.Title.mp3": says("Title", number=3),
    "03) Title.mp3": says("Title", number=3),
    "(03) Title.mp3": says("Title", number=3),
    "[03] Title.mp3": says("Title", number=3),
    "03-Title.mp3": says("Title", number=3),
    "03_-_Some_Title.mp3": says("Some Title", number=3),
    "06 - Rebels Be.opus": says("Rebels Be", number=6),
    "Track 7 - Title.wav": says("Title", number=7),
    "#12 Title.mp3": says("Title", number=12),
    "1-03 Title.flac": says("Title", number=3, disc_number=1),
    "1-03 - Title.flac": says("Title", number=3, disc_number=1),
    "2.11 Title.flac": says("Title", number=11, disc_number=2),
    "CD2-05 Title.flac": says("Title", number=5, disc_number=2),
    "03. Cibelle - Title.mp3": says("Title", "Cibelle", 3),
    "03 - Cibelle - Title.mp3": says("Title", "Cibelle", 3),
    "03 Cibelle - Title.mp3": says("Title", "Cibelle", 3),
    "1-03 Cibelle - Title.mp3": says("Title", "Cibelle", 3, disc_number=1),
    "00 - Intro.mp3": says("Intro"),
}
NAMED = {
    "Boards of Canada - Roygbiv.mp3": says("Roygbiv", "Boards of Canada"),
    "Boards_of_Canada_-_Roygbiv.mp3": says("Roygbiv", "Boards of Canada"),
    "Boards%20of%20Canada%20-%20Roygbiv.mp3": says("Roygbiv", "Boards of Canada"),
    "Björk – Jóga.mp3": says("Jóga", "Björk"),  # noqa: RUF001
    "Jonathan Coulton -- Not About You.ogg": says("Not About You", "Jonathan Coulton"),
    "AC/DC".replace("/", "-") + " - T.N.T..mp3": says("T.N.T.", "AC-DC"),
    "65daysofstatic - Radio Protector.mp3": says("Radio Protector", "65daysofstatic"),
    "!!! - Heart of Hearts.mp3": says("Heart of Hearts", "!!!"),
    "Cibelle - Title - Live.mp3": says("Title - Live", "Cibelle"),
    "Cibelle feat. Guest - Title (Remix).mp3": says("Title (Remix)", "Cibelle feat. Guest"),
    "Simon & Garfunkel - America.mp3": says("America", "Simon & Garfunkel"),
    "Cibelle - Title (Official Video).mp3": says("Title", "Cibelle"),
    "Cibelle - Title (Official Music Video) [HD].mp3": says("Title", "Cibelle"),
    "Cibelle - Title [Official Audio].m4a": says("Title", "Cibelle"),
    "Cibelle - Title (Lyrics).mp3": says("Title", "Cibelle"),
    "Cibelle - Title (320 kbps).mp3": says("Title", "Cibelle"),
    "Cibelle - Title - Official Video.mp3": says("Title", "Cibelle"),
    "Cibelle - Title (Acoustic Version).mp3": says("Title (Acoustic Version)", "Cibelle"),
    "Cibelle - Video Killed the Radio Star.mp3": says("Video Killed the Radio Star", "Cibelle"),
    "Cibelle - Audio.mp3": says("Audio", "Cibelle"),
    "Rick Astley - Never Gonna Give You Up [dQw4w9WgXcQ].webm": says("Never Gonna Give You Up", "Rick Astley"),
    "Rick Astley - Never Gonna Give You Up-dQw4w9WgXcQ.m4a": says("Never Gonna Give You Up", "Rick Astley"),
    "Cibelle - Title [Instrumental].mp3": says("Title [Instrumental]", "Cibelle"),
    "www.example.com - Cibelle - Title.mp3": says("Title", "Cibelle"),
    "[example.net] Cibelle - Title.mp3": says("Title", "Cibelle"),
    "490215_Ectso---Cosmonauts.ogg": says("Cosmonauts", "Ectso"),
    "490215__ectso__cosmonauts.wav": says("cosmonauts", "ectso"),
    "1234567 - Title.mp3": says("Title"),
    "12345678.mp3": says("12345678"),
    "1999 - Title.mp3": says("Title", year=1999),
    "Artist - Title.mp3": says("Title"),
    "Unknown Artist - Title.mp3": says("Title"),
    "Various Artists - Title.mp3": says("Title", album_artist="Various Artists"),
    "01-boards_of_canada-roygbiv.mp3": says("roygbiv", "boards of canada", 1),
    "Cibelle - 03 - Title.mp3": says("Title", "Cibelle", 3),
    "Cibelle - Moonlight - 03 - Title.mp3": says("Title", "Cibelle", 3, release="Moonlight"),
    "Cibelle - Moonlight - 03 Title.mp3": says("Title", "Cibelle", 3, release="Moonlight"),
    "Cibelle - Moonlight - 1-03 Title.mp3": says("Title", "Cibelle", 3, release="Moonlight", disc_number=1),
    "Cibelle - 99 Luftballons.mp3": says("99 Luftballons", "Cibelle"),
    "Cibelle - 1979.mp3": says("1979", "Cibelle"),
}
ALBUM = {"album_artist": "Cibelle", "release": "Moonlight"}
IN_FOLDERS = {
    "Cibelle/Moonlight/03 - Title.flac": says("Title", "Cibelle", 3, **ALBUM),
    "Cibelle\\Moonlight\\03 - Title.flac": says("Title", "Cibelle", 3, **ALBUM),
    "/home/me/Music/Cibelle/Moonlight/03 Title.flac": says("Title", "Cibelle", 3, **ALBUM),
    "Cibelle/Moonlight/12 Title.flac": says("Title", "Cibelle", 12, **ALBUM),
    "Cibelle/Moonlight/3 Title.flac": says("Title", "Cibelle", 3, **ALBUM),
    "Cibelle/Moonlight/03 - Cibelle - Title.flac": says("Title", "Cibelle", 3, **ALBUM),
    "Cibelle/Moonlight/03 - Title - Live.flac": says("Title - Live", "Cibelle", 3, **ALBUM),
    "Cibelle/Moonlight (1999)/03 - Title.flac": says("Title", "Cibelle", 3, year=1999, **ALBUM),
    "Cibelle/1999 - Moonlight/03 - Title.flac": says("Title", "Cibelle", 3, year=1999, **ALBUM),
    "Cibelle/Moonlight [FLAC]/03 - Title.flac": says("Title", "Cibelle", 3, **ALBUM),
    "Cibelle/Moonlight/CD2/03 - Title.flac": says("Title", "Cibelle", 3, disc_number=2, **ALBUM),
    "Cibelle/Moonlight/Disc 1 - Early/03 - Title.flac": says("Title", "Cibelle", 3, disc_number=1, **ALBUM),
    "Cibelle - Moonlight (1999)/03 - Title.flac": says("Title", "Cibelle", 3, year=1999, **ALBUM),
    "Cibelle - 1999 - Moonlight/03. Title.flac": says("Title", "Cibelle", 3, year=1999, **ALBUM),
    "Cibelle - Moonlight/Title.flac": says("Title"),
    "Cibelle - Moonlight (1999)/Title.flac": says("Title", "Cibelle", year=1999, **ALBUM),
    "Various Artists/Moonlight/03 - Cibelle - Title.mp3": says(
        "Title", "Cibelle", 3, album_artist="Various Artists", release="Moonlight"
    ),
    "Music/Moonlight/03 - Title.mp3": says("Title", number=3, release="Moonlight"),
    "Rock/Moonlight/03 - Title.mp3": says("Title", number=3, release="Moonlight"),
    "Music/Rock/Title.mp3": says("Title"),
    "Downloads/03 - Title.mp3": says("Title", number=3),
    "New Folder/Cibelle - Title.mp3": says("Title", "Cibelle"),
    "Cibelle/Unknown Album/03 - Title.mp3": says("Title", number=3),
    "../../etc/passwd.mp3": says("passwd"),
    "core/src/main/assets/music/caves_1.ogg": says("caves 1"),
}


@pytest.mark.parametrize(("name", "guess"), (PLAIN | NUMBERED | NAMED | IN_FOLDERS).items())
def test_what_a_name_tells(name, guess):
    assert guess_tags(name) == guess


@example("-")
@example("\ud800.mp3")
@example("CD/0/0")
@example("(((((" * 40)
@example("- - - - 0 -")
@given(st.text(max_size=120) | st.text(alphabet="01 -_.()/[]aB", max_size=60))
def test_any_name_gives_a_title_that_can_be_shown(name):
    guess = guess_tags(name)
    for text in (guess.title, guess.release, guess.album_artist, *guess.artists):
        text.encode()
        assert text == " ".join(text.split())
        assert len(text) <= 500
    assert guess.title
    assert guess.track_number is None or 1 <= guess.track_number <= 999
    assert guess.disc_number is None or 1 <= guess.disc_number <= 99
