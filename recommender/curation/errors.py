"""
CurationError
├── NotYoursError   something is out of reach of who asks for it
├── NoNoteError     it has to be said why
├── MergeRefusedError
├── NothingChosenError
├── BadRuleError    a rule that names nothing there is, or makes no sense
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


class BadRuleError(CurationError):
    pass


class MergeRefusedError(CurationError):
    pass


class TooManyError(CurationError):
    pass
