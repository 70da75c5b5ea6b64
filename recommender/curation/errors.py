"""
CurationError
├── NotYoursError   something is out of reach of who asks for it
├── NoNoteError     it has to be said why
├── MergeRefusedError
├── NothingChosenError
├── BadNameError    an artist cannot be called so
├── BadRuleError    a rule that names nothing there is, or makes no sense
├── TableFileError  a file that is no table, or too large a one
└── TooManyError    more at once than can be kept together
"""


class CurationError(Exception):
    """Has a sentence for people."""


class NotYoursError(CurationError):
    pass


class NoNoteError(CurationError):
    pass


class NothingChosenError(CurationError):
    pass


class BadNameError(CurationError):
    pass


class BadRuleError(CurationError):
    pass


class MergeRefusedError(CurationError):
    pass


class TableFileError(CurationError):
    pass


class TooManyError(CurationError):
    pass
