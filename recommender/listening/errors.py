"""
ListeningError
└── TooManyError   more than a person hears or says in an hour
"""


class ListeningError(Exception):
    pass


class TooManyError(ListeningError):
    pass
