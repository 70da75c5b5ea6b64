"""Why an upload, or another try, is refused. Caught by the views, which answer with the status and the sentence."""

from django.utils.translation import gettext


class UploadRefusedError(Exception):
    """`code` is stable, for machines; the message is a sentence for people; `status` the HTTP answer.

    A sentence without parts is given in English and is `kept` so; people read it in their language, whenever they do.
    One with parts is made in the language of whoever is told first, and stays as it was told.
    """

    def __init__(self, code: str, sentence: str, status: int) -> None:
        super().__init__(gettext(sentence))
        self.kept = sentence
        self.code = code
        self.status = status


class TooOftenError(Exception):
    """What was asked for is allowed again after `retry_after_seconds`."""

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
