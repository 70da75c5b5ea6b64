"""Our own settings as frozen values, filled from the environment by `recommender.settings`."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Where state lies on disk. All of it under one home, on one file system, so that a rename is atomic."""

    home: Path

    @property
    def audio(self) -> Path:
        return self.home / "media" / "audio"

    @property
    def covers(self) -> Path:
        return self.home / "media" / "covers"

    @property
    def renditions(self) -> Path:
        """Copies in a format that browsers play, of files that they do not. All of them can be made again."""
        return self.home / "media" / "renditions"

    @property
    def staging(self) -> Path:
        return self.home / "media" / "staging"

    @property
    def encoders(self) -> Path:
        """A folder for each encoder that was installed beside the shipped one."""
        return self.home / "encoders"

    @property
    def locks(self) -> Path:
        return self.home / "run"


@dataclass(frozen=True, kw_only=True)
class Uploads:
    max_bytes: int
    max_files_per_request: int = 20
    staging_lifetime_seconds: int = 24 * 3600
    needs_review: bool
    # What one uploader may keep here; 0 for no limit. Curators and administrators have none.
    quota_bytes: int = 0
    # A folder on this machine whose music is taken in as it appears; empty for none.
    watch_folder: str = ""


@dataclass(frozen=True, kw_only=True)
class Queries:
    """Sounds that people ask with. After `wait_seconds` nobody waits any more; what was heard is kept for
    `kept_seconds`, and of one person at most `most_kept`. `most_waiting` sounds of one person, and
    `most_waiting_in_all`, may be listened to or wait for it.
    """

    max_bytes: int = 50 * 1024 * 1024
    max_duration_seconds: int = 15 * 60
    wait_seconds: int = 60
    kept_seconds: int = 3600
    most_waiting: int = 2
    most_waiting_in_all: int = 20
    most_kept: int = 30


@dataclass(frozen=True, kw_only=True)
class Trash:
    kept_for: dt.timedelta


@dataclass(frozen=True, kw_only=True)
class Access:
    open_signup: bool
    require_sign_in: bool


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """How long a claim lasts, how often a track is tried, and how much of a file is decoded."""

    encoder: str
    max_duration_seconds: int
    lease_seconds: int = 60
    max_decoder_failures: int = 3
    max_lost_leases: int = 10
    retry_after_seconds: int = 15


@dataclass(frozen=True, kw_only=True)
class Milvus:
    """`is_lite`: a bundled `milvus-lite server`, which loses rows when two processes write at once."""

    uri: str
    token: str
    timeout_seconds: float = 2.0
    write_timeout_seconds: float = 30.0

    @property
    def is_lite(self) -> bool:
        return not self.token and urlsplit(self.uri).hostname in ("127.0.0.1", "localhost", "::1")
