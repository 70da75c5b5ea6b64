"""Why an upload, or another try, is refused. Caught by the views, which answer with the status and the sentence."""


class UploadRefusedError(Exception):
    """`code` is stable, for machines; the message is a sentence for people; `status` the HTTP answer."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class TooOftenError(Exception):
    """What was asked for is allowed again after `retry_after_seconds`."""

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
