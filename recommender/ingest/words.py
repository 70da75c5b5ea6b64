"""What an encoder finds in a track, in words for people.

Probabilities of rare words are small and those of common ones large in every track. So a word is said where a track has
more of it than nine tenths of the music the encoder was tried on, which is what its tags were measured to tell
(docs/quality.md), and where it is strong in any case. Words about decades, charm and charts are left out: sound does
not tell them.
"""

from collections.abc import Mapping

MOST_WORDS = 8
# Below this even nine tenths of the music have next to nothing of it.
LEAST = 0.05
STRONG = 0.3

# Word -> the names encoders have for it, and the probability that nine tenths of the music stay below
# (`bin/test bench tests/bench/test_words.py` prints it).
WORDS: dict[str, tuple[tuple[str, ...], float]] = {
    "R&B": (("rnb",), 0.012),
    "acoustic": (("acoustic",), 0.065),
    "acoustic guitar": (("instrument---acousticguitar",), 0.040),
    "alternative": (("alternative", "genre---alternative"), 0.140),
    "alternative rock": (("alternative rock",), 0.069),
    "ambient": (("ambient", "genre---ambient"), 0.214),
    "atmospheric": (("genre---atmospheric",), 0.032),
    "bass": (("instrument---bass",), 0.105),
    "blues": (("blues",), 0.046),
    "chillout": (("chillout", "chill", "genre---chillout"), 0.138),
    "cinematic": (("mood/theme---film",), 0.118),
    "classic rock": (("classic rock",), 0.071),
    "classical": (("genre---classical",), 0.394),
    "country": (("country",), 0.042),
    "dance": (("dance", "genre---dance"), 0.140),
    "downtempo": (("genre---downtempo",), 0.017),
    "drum machine": (("instrument---drummachine",), 0.063),
    "drums": (("instrument---drums",), 0.112),
    "easy listening": (("easy listening", "genre---easylistening"), 0.086),
    "electric guitar": (("instrument---electricguitar",), 0.073),
    "electric piano": (("instrument---electricpiano",), 0.022),
    "electro": (("electro",), 0.145),
    "electronic": (("electronic", "electronica", "genre---electronic"), 0.482),
    "emotional": (("mood/theme---emotional",), 0.045),
    "energetic": (("mood/theme---energetic",), 0.073),
    "experimental": (("experimental", "genre---experimental"), 0.172),
    "female voice": (("female vocalists", "female vocalist"), 0.107),
    "folk": (("folk", "genre---folk"), 0.119),
    "folk pop": (("genre---popfolk",), 0.040),
    "funk": (("funk", "genre---funk"), 0.046),
    "guitar": (("guitar", "instrument---guitar"), 0.087),
    "happy": (("happy", "mood/theme---happy"), 0.055),
    "hard rock": (("hard rock",), 0.040),
    "hip hop": (("Hip-Hop", "genre---hiphop"), 0.042),
    "house": (("House", "genre---house"), 0.091),
    "indie": (("indie", "genre---indie"), 0.209),
    "indie pop": (("indie pop",), 0.057),
    "indie rock": (("indie rock",), 0.084),
    "instrumental": (("instrumental",), 0.217),
    "instrumental pop": (("genre---instrumentalpop",), 0.041),
    "jazz": (("jazz", "genre---jazz"), 0.141),
    "keyboard": (("instrument---keyboard",), 0.042),
    "lounge": (("genre---lounge",), 0.031),
    "male voice": (("male vocalists",), 0.036),
    "mellow": (("Mellow",), 0.059),
    "metal": (("metal", "heavy metal", "genre---metal"), 0.056),
    "new age": (("genre---newage",), 0.042),
    "orchestral": (("genre---orchestral",), 0.243),
    "party": (("party",), 0.032),
    "piano": (("instrument---piano",), 0.208),
    "pop": (("pop", "genre---pop"), 0.192),
    "pop rock": (("genre---poprock",), 0.050),
    "progressive rock": (("Progressive rock",), 0.115),
    "punk": (("punk",), 0.035),
    "reggae": (("genre---reggae",), 0.031),
    "relaxing": (("mood/theme---relaxing",), 0.027),
    "rock": (("rock", "genre---rock"), 0.248),
    "sad": (("sad",), 0.031),
    "soul": (("soul",), 0.036),
    "soundtrack": (("genre---soundtrack",), 0.386),
    "strings": (("instrument---strings",), 0.090),
    "synthesizer": (("instrument---synthesizer",), 0.157),
    "techno": (("genre---techno",), 0.089),
    "trance": (("genre---trance",), 0.060),
    "trip hop": (("genre---triphop",), 0.023),
    "violin": (("instrument---violin",), 0.112),
    "voice": (("instrument---voice",), 0.047),
    "world": (("genre---world",), 0.089),
}


def choose_words(tags: Mapping[str, float]) -> dict[str, float]:
    """The words that fit a track, with their probabilities, the one that stands out most first; at most MOST_WORDS."""
    found = measure_words(tags)
    fitting = {word: share for word, share in found.items() if share >= max(LEAST, min(WORDS[word][1], STRONG))}
    ranked = sorted(fitting, key=lambda word: fitting[word] / WORDS[word][1], reverse=True)
    return {word: fitting[word] for word in ranked[:MOST_WORDS]}


def measure_words(tags: Mapping[str, float]) -> dict[str, float]:
    """The probability of every word that `tags` can tell."""
    known = {word: [tags[name] for name in names if name in tags] for word, (names, _) in WORDS.items()}
    return {word: max(shares) for word, shares in known.items() if shares}
