"""
ListeningError                 each with a sentence for people
├── TooManyError               more than a person hears or says in an hour
├── PlaylistError              a playlist cannot be changed like that
│   ├── PlaylistLimitError     more than it, or its owner, may hold
│   └── EntryMissingError      what was to be moved is no longer there
└── PlaylistFileError          a file is no playlist that can be read
"""


class ListeningError(Exception):
    pass


class TooManyError(ListeningError):
    pass


class PlaylistError(ListeningError):
    pass


class PlaylistLimitError(PlaylistError):
    pass


class EntryMissingError(PlaylistError):
    pass


class PlaylistFileError(ListeningError):
    pass
