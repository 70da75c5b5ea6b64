"""What makes a style, as far as General MIDI can say it: grooves, harmony, instruments and manner.

Grooves are those of MMA, "Musical MIDI Accompaniment" (its ``library/groove`` names); programs and kits are General
MIDI's, counted from 0. ``parts`` are composed by :mod:`embeddings.training.parts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

POP: Final = (
    "I V vi IV",
    "I vi IV V",
    "vi IV I V",
    "I IV vi V",
    "I iii IV V",
    "IV V iii vi",
    "I V IV IV",
    "I bVII IV I",
)
MINOR: Final = ("i bVII bVI V", "i iv bVII bIII", "i bVI bIII bVII", "i iv v i", "i bVI iv V", "i i bVII bVI")
ROCK: Final = ("I bVII IV I", "I IV I V", "i bVII bVI bVII", "i bIII bVII IV", "I bIII IV I", "vi IV I V", "i iv i v")
METAL: Final = (
    "i5 i5 bVI5 bVII5",
    "i5 bII5 i5 bII5",
    "i5 bIII5 iv5 bVI5",
    "i5 bV5 iv5 bII5",
    "i5 bVII5 bVI5 v5",
    "i5 i5 i5 bII5",
)
PUNK: Final = ("I5 IV5 V5 IV5", "I5 V5 vi5 IV5", "I5 I5 IV5 V5", "vi5 IV5 I5 V5")
JAZZ: Final = (
    "ii7 V7 IM7 vi7",
    "IM7 vi7 ii7 V7",
    "iii7 VI7 ii7 V7",
    "IM7 IVM7 iii7 vi7 ii7 V7 IM7 V7",
    "iih7 V7 i6 i6",
    "i7 iv7 iih7 V7",
)
BLUES: Final = (
    "I7 I7 I7 I7 IV7 IV7 I7 I7 V7 IV7 I7 V7",
    "I7 IV7 I7 I7 IV7 IV7 I7 VI7 ii7 V7 I7 V7",
    "i7 i7 i7 i7 iv7 iv7 i7 i7 bVI7 V7 i7 V7",
)
COUNTRY: Final = ("I I IV I V V I I", "I IV I V", "I V I IV", "I IV V I", "I vi IV V", "I I7 IV iv I V I V")
SOUL: Final = (
    "IM7 vi7 ii7 V7",
    "i7 iv7 i7 iv7",
    "IM7 iii7 IVM7 V7",
    "i9 i9 IV9 IV9",
    "IVM7 iii7 ii7 IM7",
    "vi7 ii7 V7 IM7",
)
FUNK: Final = ("i9 i9 i9 IV9", "I9 I9 I9 IV9", "i7 i7 bVII7 IV7", "i9 i9 i9 i9")
DANCE: Final = ("i bVI bIII bVII", "i i iv v", "vi IV I V", "i7 i7 bVIM7 bVII", "i i i i", "i bVII i bVI")
CLASSICAL: Final = (
    "I IV V I",
    "I vi ii V",
    "I V vi iii IV I ii V",
    "i iv V i",
    "i bVI iv V",
    "i V i iv bVI iih7 V i",
    "I ii V I vi ii V I",
    "i bVII bIII bVI iv V i V",
)
LATIN: Final = ("i iv V7 i", "ii7 V7 IM7 IM7", "i bVII bVI V7", "IM7 vi7 ii7 V7", "I IV V7 IV", "i i V7 V7")
GOSPEL: Final = ("I I7 IV iv I V I I", "I vi ii7 V7", "IM7 III7 vi7 V7 IVM7 iv6 I V7", "I IV I V")
MODAL: Final = ("i bVII i bVII", "i i bVII bVII", "I bVII I bVII", "i IV i IV", "I I I I", "i bII i bII")
AMBIENT: Final = ("IM9 IM9 IVM9 IVM9", "i9 i9 bVIM9 bVIM9", "Isus2 Isus2 IVsus2 vi7", "IM7 IM7 iii7 iii7", "i i i i")

PIANOS: Final = (0, 1, 2, 3)
ELECTRIC_PIANOS: Final = (4, 5)
ACOUSTIC_GUITARS: Final = (24, 25)
DRIVEN_GUITARS: Final = (29, 30)
BASSES: Final = (33, 34, 35)
SYNTH_BASSES: Final = (38, 39, 87)
STRINGS: Final = (48, 49, 50, 51)
BOWED: Final = (40, 41, 42)
WOODWINDS: Final = (68, 70, 71, 73)
PADS: Final = (88, 89, 90, 91, 92, 93, 94, 95)


@dataclass(frozen=True)
class Style:
    """``drive`` is the gain before the guitars' clipping in dB, 0 for none; ``voice`` the kind of voice,
    ``voice_share`` how many pieces have one.

    ``lead``, ``comp`` and ``bass`` are programs, ``kits`` drum kits; ``progressions`` chords in Roman numerals. A piece
    has one of the ``grooves`` of MMA, or one of ``drums``, which are grooves without any pitched instrument; ``parts``
    are composed beside either (:mod:`embeddings.training.parts`).
    """

    tempo_bpm: tuple[float, float]
    progressions: tuple[str, ...]
    lead: tuple[int, ...]
    grooves: tuple[str, ...] = ()
    drums: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    scale: str = "major"
    feel: str = "straight"
    comp: tuple[int, ...] = PIANOS
    bass: tuple[int, ...] = BASSES
    kits: tuple[int, ...] = (0, 0, 8)
    drive: tuple[float, float] = (0.0, 0.0)
    room_seconds: tuple[float, float] = (0.3, 1.2)
    voice: str = "sing"
    voice_share: float = 0.45
    drums_db: float = -2.0


def _zoom(name: str, first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{name}{number:02d}" for number in range(first, last + 1))


STYLES: Final[Mapping[str, Style]] = {
    "rock": Style(
        (105, 150), ROCK, (29, 30, 27), drums=_zoom("ROCK", 1, 27), parts=("power", "bass"), scale="pentatonic",
        comp=DRIVEN_GUITARS, kits=(0, 8, 16), drive=(14, 26),
    ),
    "hard_rock": Style(
        (110, 160), ROCK, (30, 29), drums=_zoom("HRK", 1, 7), parts=("riff", "bass"), scale="blues",
        comp=DRIVEN_GUITARS, kits=(16, 8), drive=(20, 32), voice="shout",
    ),
    "metal": Style(
        (110, 180), METAL, (30, 29), drums=_zoom("MTL", 1, 4), parts=("chug", "bass"), scale="minor", feel="busy",
        comp=DRIVEN_GUITARS, kits=(16,), drive=(28, 40), voice="growl", drums_db=-4.0,
    ),
    "thrash": Style(
        (160, 220), METAL, (30,), drums=("THRS01", "THRS02", "MTL02", "PUNK01"), parts=("chug", "bass"), scale="minor",
        feel="busy", comp=DRIVEN_GUITARS, kits=(16, 0), drive=(30, 42), voice="growl", drums_db=-4.0,
    ),
    "punk": Style(
        (165, 215), PUNK, (29, 30), drums=("PUNK01", "PUNK02", "HRK03"), parts=("power", "bass"),
        comp=DRIVEN_GUITARS, kits=(0, 16), drive=(22, 34), voice="shout", voice_share=0.8,
    ),
    "indie": Style(
        (95, 140), POP, (27, 26, 80, 11), drums=_zoom("08Beat", 1, 12), parts=("strum", "picking", "bass"),
        comp=(27, 25, 26), drive=(6, 16), voice_share=0.7,
    ),
    "classic_rock": Style(
        (100, 150), ROCK, (29, 27, 18, 66), grooves=("casio/rock1:Rock1", "casio/rock2:Rock2", "rock1A", "60sRock1",
        "PopRock1", "ShuffleRock", "FolkRock", "W-RockMainA", "SoftRock"), parts=("power",), scale="blues",
        comp=(29, 18), drive=(10, 22),
    ),
    "fifties": Style(
        (130, 175), (*BLUES, "I vi IV V"), (66, 27, 0), grooves=("50sRock", "60sRock", "50s_RockA", "Twist", "Jive",
        "fasttwistA", "SlowRock", "BubbleRock"), scale="blues", feel="swing", drive=(0, 12),
    ),
    "jazz": Style(
        (100, 190), JAZZ, (66, 65, 56, 59, 0, 11, 26), grooves=("JazzCombo", "ModernJazz", "Bebop", "NiteJazz",
        "JazzTrioMainA", "JazzGrTrioMainA", "MellowJazz", "JazzGuitar", "Evansish"), scale="dorian", feel="swing",
        kits=(32, 40, 0), voice_share=0.15,
    ),
    "swing": Style(
        (130, 200), JAZZ, (56, 57, 64, 71, 61), grooves=("BigBand", "Swing", "JazzBasieA", "FastBigBand", "SlowBigBand",
        "JazzSwingMainA", "EasySwing", "MiddleBigBand", "GypsyJazz"), parts=("brass",), feel="swing", comp=(61, 56, 57),
        kits=(32, 0), voice_share=0.2,
    ),
    "blues": Style(
        (70, 130), BLUES, (27, 29, 22, 66, 18), grooves=("stdlib/blues:Blues", "SlowBlues", "FastBlues",
        "casio/blues:Blues", "CountryBlues", "ShuffleBoggie", "BoggieWoggie", "BluesTriple"),
        scale="blues", feel="swing", drive=(6, 18),
    ),
    "reggae": Style(
        (66, 90), (*POP, *MINOR), (16, 27, 62, 22), drums=_zoom("REGG", 1, 4), parts=("skank", "bubble", "dub"),
        comp=(27, 28, 0), kits=(0, 8), scale="pentatonic", voice_share=0.6,
    ),
    "ska": Style(
        (130, 175), POP, (56, 57, 66), grooves=("Ska", "Ska1"), drums=_zoom("SKA", 1, 4), parts=("skank", "brass"),
        comp=(27, 61), voice_share=0.6,
    ),
    "country": Style(
        (90, 150), COUNTRY, (25, 40, 105, 22, 26), grooves=("SlowCountry", "CountrySwing", "WesternMainA",
        "HillCountry", "WesternSwing", "JazzCountryMainA", "kwestballadA"), parts=("strum",), comp=(25,),
        scale="pentatonic", voice_share=0.6,
    ),
    "bluegrass": Style(
        (110, 160), COUNTRY, (105, 40, 110, 25), grooves=("BlueGrass", "BlueFolk", "Zydeco", "BlueGrassBottle"),
        parts=("picking",), comp=(105, 25), scale="pentatonic", feel="busy", voice_share=0.3,
    ),
    "folk": Style(
        (75, 130), POP + MODAL, (73, 74, 40, 21, 22, 79), grooves=("Folk", "FolkBallad", "GuitarBallad",
        "FolkArticulated"), parts=("picking",), comp=ACOUSTIC_GUITARS, voice_share=0.6,
    ),
    "acoustic": Style(
        (65, 115), POP, (24, 25), parts=("picking", "strum"), comp=ACOUSTIC_GUITARS, voice_share=0.75,
        room_seconds=(0.2, 0.8),
    ),
    "hiphop": Style(
        (82, 104), (*FUNK, *MINOR, "i i i i"), (4, 11, 80, 0), drums=_zoom("HIP", 1, 23), parts=("sub", "loop"),
        comp=(4, 0, 48, 11, 45), bass=(38, 39, 33), kits=(25, 24, 0), scale="pentatonic", feel="sparse", voice="rap",
        voice_share=0.9,
    ),
    "triphop": Style(
        (70, 95), MINOR, (4, 5, 59, 88), grooves=("TripHop", "HipHop", "Hip-Hop"), drums=_zoom("TRIP", 1, 4),
        parts=("pad", "sub"), comp=(89, 95, 48), bass=SYNTH_BASSES, kits=(24, 25, 0), feel="sparse",
    ),
    "rnb": Style(
        (66, 100), SOUL, (4, 5, 52, 65), grooves=("R&B", "ModernR&B", "MellowRB", "casio/r+b:R&B", "R&B-Ballad"),
        drums=_zoom("RnB", 1, 10), parts=("keys",), comp=ELECTRIC_PIANOS, kits=(25, 24, 0), voice_share=0.8,
    ),
    "soul": Style(
        (85, 125), SOUL, (65, 66, 18, 56), grooves=("Soul", "60sSoul", "DSoul", "SoulPop", "8beatmotownA"),
        parts=("brass", "keys"), comp=(16, 61, 17), scale="blues", voice_share=0.7,
    ),
    "funk": Style(
        (95, 122), FUNK, (65, 56, 7, 62), grooves=("Funk1", "Funk2", "BVFunk", "Kfunk1A", "LFusion"),
        drums=_zoom("FUNK", 1, 12), parts=("scratch", "slap", "brass"), comp=(28, 7, 61), bass=(36, 37), scale="blues",
        voice="shout", voice_share=0.4,
    ),
    "disco": Style(
        (112, 128), SOUL + DANCE, (48, 61, 65, 80), grooves=("DiscoSoul", "DancePop1", "BoneyM", "8BeatDance"),
        parts=("octaves", "scratch", "sweep"), comp=(28, 48, 51), bass=(33, 36), voice_share=0.6,
    ),
    "house": Style(
        (118, 130), DANCE, (80, 4, 0, 16), grooves=("House", "LatinHouse", "Dance1", "Dance2"),
        drums=_zoom("HOUS", 1, 4), parts=("stabs", "octaves", "pad"), comp=(0, 90, 4, 62, 81), bass=SYNTH_BASSES,
        kits=(24, 25), feel="sparse", voice_share=0.3,
    ),
    "techno": Style(
        (125, 150), DANCE, (81, 87, 80, 98), grooves=("Techno", "Rave", "TeamTechno"), drums=_zoom("TECH", 1, 10),
        parts=("sequence", "octaves"), comp=(81, 87, 38, 98), bass=SYNTH_BASSES, kits=(25, 24), feel="busy",
        voice_share=0.1,
    ),
    "trance": Style(
        (130, 142), DANCE, (81, 90, 80, 84), grooves=("casio/trance1:Trance1", "Trance2", "stdlib/trance:Trance"),
        parts=("sequence", "pad", "octaves"), comp=(81, 90, 94), bass=SYNTH_BASSES, kits=(24, 25), voice_share=0.2,
    ),
    "drum_and_bass": Style(
        (160, 178), (*MINOR, *AMBIENT), (4, 88, 80), drums=_zoom("DnB", 1, 6), parts=("sub", "pad"), comp=(89, 95, 90),
        bass=SYNTH_BASSES, kits=(24, 0), feel="sparse", voice_share=0.15,
    ),
    "pop": Style(
        (90, 128), POP, (80, 11, 73, 0, 27), grooves=("casio/pop:Pop", "PopRock2", "8BeatPop1", "8BeatPop2", "16Beat1",
        "WorldPop", "60sPop", "PopShuffle1"), parts=("strum",), comp=(25, 48, 0), voice_share=0.7,
    ),
    "eighties": Style(
        (100, 132), (*POP, *MINOR), (80, 81, 62, 54), grooves=("80sPop", "ElectricPop", "DigitalRock", "DancePop3"),
        parts=("stabs", "octaves", "pad"), comp=(62, 50, 90, 5), bass=SYNTH_BASSES, kits=(24, 16),
        room_seconds=(0.6, 1.6), voice_share=0.5,
    ),
    "ballad": Style(
        (58, 78), POP, (65, 73, 40, 0, 27), grooves=("PopBallad", "PianoBallad", "RockBallad", "StringBallad",
        "16BeatBallad1", "8BeatBallad1", "BALD01"), parts=("sweep",), comp=STRINGS, room_seconds=(0.8, 2.0),
        voice_share=0.7,
    ),
    "gospel": Style(
        (64, 120), GOSPEL, (18, 52, 0), grooves=("PopSpiritual", "Spiritual", "SlowSpiritual", "Hymn"),
        parts=("choir", "keys"), comp=(18, 52, 53), voice="choir", voice_share=0.8, room_seconds=(0.8, 2.0),
    ),
    "latin": Style(
        (95, 190), LATIN, (56, 73, 24, 57), grooves=("Salsa", "Mambo", "Salsa1MainA", "Merengue", "Son", "ChaCha",
        "CubanGuitar", "Samba"), parts=("brass",), comp=(61, 56), scale="minor", voice_share=0.4,
    ),
    "bossa": Style(
        (110, 145), JAZZ, (73, 65, 24, 11), grooves=("BossaNova", "kbossaA", "JazzBossaA", "Beguine"), comp=(24,),
        kits=(40, 32), voice_share=0.3,
    ),
    "tango": Style(
        (108, 128), MINOR, (21, 23, 40), grooves=("Tango", "LightTango", "TangoClean"), scale="minor", voice_share=0.2,
    ),
    "polka": Style((105, 130), COUNTRY, (21, 71, 56), grooves=("Polka", "PolkaFox", "GermanMarch"), voice_share=0.2),
    "ragtime": Style(
        (90, 125), BLUES + COUNTRY, (3, 0, 71), grooves=("RagTime", "Charleston", "Dixie"), feel="busy",
        voice_share=0.1,
    ),
    "solo_piano": Style(
        (55, 130), CLASSICAL, PIANOS[:2], parts=("alberti", "broken"), comp=(0, 0, 1), voice_share=0.0,
        room_seconds=(0.8, 2.0),
    ),
    "baroque": Style(
        (80, 120), CLASSICAL, (6, 40, 73, 19), parts=("counterpoint", "alberti"), comp=(6, 19, 48, 42), feel="busy",
        voice_share=0.0, room_seconds=(1.0, 2.5),
    ),
    "chamber": Style(
        (60, 125), CLASSICAL, BOWED + WOODWINDS, parts=("counterpoint", "chorale"), comp=BOWED, voice_share=0.05,
        room_seconds=(0.8, 2.0),
    ),
    "orchestral": Style(
        (65, 140), CLASSICAL, (48, 60, 56, 68, 73), parts=("chorale", "ostinato", "timpani", "horns"),
        comp=(48, 49, 45, 60), voice_share=0.15, voice="choir", room_seconds=(1.2, 2.5),
    ),
    "choral": Style(
        (52, 84), CLASSICAL, (52, 53), parts=("chorale",), comp=(52, 53, 19), voice="choir", voice_share=0.9,
        room_seconds=(1.5, 3.0),
    ),
    "harp_guitar": Style(
        (60, 110), CLASSICAL + LATIN, (24, 46, 73), parts=("picking", "broken"), comp=(24, 46), voice_share=0.1,
    ),
    "ambient": Style(
        (50, 80), AMBIENT, (88, 92, 99, 77), parts=("pad", "drone"), comp=PADS, feel="sparse", voice="choir",
        voice_share=0.2, room_seconds=(2.0, 3.5),
    ),
    "new_age": Style(
        (60, 95), AMBIENT + POP, (75, 79, 0, 46, 11), grooves=("Ambient1", "Ambient2"), parts=("pad", "broken"),
        comp=(89, 0, 46, 91), feel="sparse", voice_share=0.1, room_seconds=(1.5, 3.0),
    ),
    "world": Style(
        (75, 130), MODAL, (104, 107, 108, 77, 78, 111, 106), drums=_zoom("AFRO", 1, 8) + _zoom("MidE", 1, 4),
        parts=("drone", "picking"), comp=(104, 107, 108, 12, 106, 114), scale="phrygian", voice_share=0.3,
    ),
    "march": Style(
        (100, 124), CLASSICAL, (56, 72, 61), grooves=("March1", "March", "BWMarch"), parts=("brass",), comp=(61, 58),
        kits=(48, 0), voice_share=0.0,
    ),
}  # fmt: skip
