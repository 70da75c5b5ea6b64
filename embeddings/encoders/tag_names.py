"""What the heads of the FCN teachers say, in the order of their outputs."""

from typing import Final

MSD_TAGS: Final = (
    *("rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s", "alternative rock"),
    *("jazz", "beautiful", "metal", "chillout", "male vocalists", "classic rock", "soul", "indie rock", "Mellow"),
    *("electronica", "80s", "folk", "90s", "chill", "instrumental", "punk", "oldies", "blues", "hard rock"),
    *("ambient", "acoustic", "experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country"),
    *("easy listening", "sexy", "catchy", "funk", "electro", "heavy metal", "Progressive rock", "60s", "rnb"),
    *("indie pop", "sad", "House", "happy"),
)
JAMENDO_TAGS: Final = (
    *("genre---alternative", "genre---ambient", "genre---atmospheric", "genre---chillout", "genre---classical"),
    *("genre---dance", "genre---downtempo", "genre---easylistening", "genre---electronic", "genre---experimental"),
    *("genre---folk", "genre---funk", "genre---hiphop", "genre---house", "genre---indie"),
    *("genre---instrumentalpop", "genre---jazz", "genre---lounge", "genre---metal", "genre---newage"),
    *("genre---orchestral", "genre---pop", "genre---popfolk", "genre---poprock", "genre---reggae", "genre---rock"),
    *("genre---soundtrack", "genre---techno", "genre---trance", "genre---triphop", "genre---world"),
    *("instrument---acousticguitar", "instrument---bass", "instrument---computer", "instrument---drummachine"),
    *("instrument---drums", "instrument---electricguitar", "instrument---electricpiano", "instrument---guitar"),
    *("instrument---keyboard", "instrument---piano", "instrument---strings", "instrument---synthesizer"),
    *("instrument---violin", "instrument---voice", "mood/theme---emotional", "mood/theme---energetic"),
    *("mood/theme---film", "mood/theme---happy", "mood/theme---relaxing"),
)
