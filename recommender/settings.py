"""The only reader of the environment. Every variable is declared in ENVIRONMENT and explained in docs/operations.md."""

import datetime as dt
import logging
import os
import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from recommender import conf

BASE_DIR = Path(__file__).resolve().parent.parent

MOST_TRASH_DAYS = 36_500

ENVIRONMENT: dict[str, tuple[type, Any]] = {
    "SOUNDALIKE_HOME": (str, str(BASE_DIR / "var")),
    "SOUNDALIKE_SECRET_KEY": (str, ""),
    "SOUNDALIKE_DEBUG": (bool, False),
    "SOUNDALIKE_HOSTS": (list, ["localhost", "127.0.0.1", "[::1]"]),
    "SOUNDALIKE_HTTPS": (bool, False),
    "SOUNDALIKE_PORT": (int, 8000),
    "SOUNDALIKE_ADMIN_NAME": (str, "admin"),
    "SOUNDALIKE_ADMIN_PASSWORD": (str, ""),
    "SOUNDALIKE_OPEN_SIGNUP": (bool, False),
    "SOUNDALIKE_REVIEW_UPLOADS": (bool, False),
    "SOUNDALIKE_REQUIRE_SIGN_IN": (bool, False),
    "SOUNDALIKE_MAX_UPLOAD_BYTES": (int, 300 * 1024 * 1024),
    "SOUNDALIKE_UPLOADER_QUOTA_BYTES": (int, 0),
    "SOUNDALIKE_WATCH_FOLDER": (str, ""),
    "SOUNDALIKE_TRASH_DAYS": (int, 30),
    "SOUNDALIKE_MAX_DURATION_SECONDS": (int, 12 * 3600),
    "SOUNDALIKE_ANALYSIS_PROCESSES": (int, 0),
    "SOUNDALIKE_ENCODER": (str, ""),
    "DATABASE_URL": (str, ""),
    "REDIS_URL": (str, "redis://127.0.0.1:6390/0"),
    "MILVUS_URI": (str, "http://127.0.0.1:19540"),
    "MILVUS_TOKEN": (str, ""),
}
env = environ.Env(**ENVIRONMENT)
_problems: list[str] = []


def _read(name: str) -> Any:
    try:
        return env(name)
    except (ValueError, ImproperlyConfigured) as error:
        _problems.append(f"{name} cannot be read: {error}")
        return ENVIRONMENT[name][1]


def _read_positive(name: str) -> int:
    value: int = _read(name)
    if value <= 0:
        _problems.append(f"{name} has to be larger than 0, not {value}")
    return value


def _read_folder(name: str) -> str:
    value: str = _read(name)
    if value and not (Path(value).is_absolute() and Path(value).is_dir() and os.access(value, os.R_OK | os.X_OK)):
        _problems.append(f"{name} has to be the whole path of a folder that can be read, not {value!r}")
    return value


def _read_secret_key(home: Path) -> str:
    """The configured key, else the one made at first start and kept in the home folder."""
    key: str = _read("SOUNDALIKE_SECRET_KEY")
    kept = home / "secret_key"
    if key:
        if len(key) < 32:
            _problems.append("SOUNDALIKE_SECRET_KEY is too short: use at least 32 random characters")
        return key
    if not kept.exists():
        fresh = kept.with_name(f"secret_key.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            kept.hardlink_to(fresh)
        except FileExistsError:
            logging.getLogger(__name__).debug("another process made the key first")
        fresh.unlink()
    return kept.read_text()


SQLITE: dict[str, Any] = {
    # A deferred BEGIN fails at once when it later needs the write lock, whatever the timeout.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-20000",
}


def _read_database(home: Path) -> dict[str, Any]:
    address = _read("DATABASE_URL") or f"sqlite:///{home / 'soundalike.sqlite3'}"
    try:
        database: dict[str, Any] = env.db_url_config(address)
    except (ValueError, ImproperlyConfigured) as error:
        _problems.append(f"DATABASE_URL cannot be read: {error}")
        return {}
    if database["ENGINE"].endswith("sqlite3"):
        # Opening it and reading its pages anew was a third of what a page took.
        return {**database, "OPTIONS": SQLITE, "CONN_MAX_AGE": 60, "TEST": {"NAME": str(home / "test.sqlite3")}}
    return {**database, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


HOME = Path(_read("SOUNDALIKE_HOME")).resolve()
STORAGE = conf.Storage(home=HOME)
try:
    # The database in it holds password hashes and sessions: nobody else's business on this machine.
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (STORAGE.audio, STORAGE.covers, STORAGE.renditions, STORAGE.staging, STORAGE.locks):
        folder.mkdir(parents=True, exist_ok=True)
    SECRET_KEY = _read_secret_key(HOME)
except OSError as error:
    SECRET_KEY = secrets.token_urlsafe(48)
    _problems.append(f"SOUNDALIKE_HOME cannot be written: {error}")

DEBUG = _read("SOUNDALIKE_DEBUG")
ALLOWED_HOSTS = _read("SOUNDALIKE_HOSTS")
PORT = _read_positive("SOUNDALIKE_PORT")
ADMIN_NAME = _read("SOUNDALIKE_ADMIN_NAME")
ADMIN_PASSWORD = _read("SOUNDALIKE_ADMIN_PASSWORD")
ANALYSIS_PROCESSES = _read("SOUNDALIKE_ANALYSIS_PROCESSES")

UPLOADS = conf.Uploads(
    max_bytes=_read_positive("SOUNDALIKE_MAX_UPLOAD_BYTES"),
    needs_review=_read("SOUNDALIKE_REVIEW_UPLOADS"),
    quota_bytes=_read("SOUNDALIKE_UPLOADER_QUOTA_BYTES"),
    watch_folder=_read_folder("SOUNDALIKE_WATCH_FOLDER"),
)
TRASH = conf.Trash(kept_for=dt.timedelta(days=min(_read_positive("SOUNDALIKE_TRASH_DAYS"), MOST_TRASH_DAYS)))
QUERIES = conf.Queries()
ACCESS = conf.Access(open_signup=_read("SOUNDALIKE_OPEN_SIGNUP"), require_sign_in=_read("SOUNDALIKE_REQUIRE_SIGN_IN"))
ANALYSIS = conf.Analysis(
    encoder=_read("SOUNDALIKE_ENCODER"), max_duration_seconds=_read_positive("SOUNDALIKE_MAX_DURATION_SECONDS")
)
MILVUS = conf.Milvus(uri=_read("MILVUS_URI"), token=_read("MILVUS_TOKEN"))
REDIS_URL = _read("REDIS_URL")

DATABASES = {"default": _read_database(HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "recommender.accounts",
    "recommender.catalog",
    "recommender.listening",
    "recommender.curation.apps.CurationConfig",
    "recommender.web",
    "recommender.operations",
    "recommender.curation.apps.CurationAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "recommender.web.compression.PageCompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "recommender.web.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "recommender.web.sign_in_wall.SignInWallMiddleware",
    "recommender.web.merged_tracks.MergedTrackMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "recommender.urls"
WSGI_APPLICATION = "recommender.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "recommender.web.context.site",
            ]
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["recommender.accounts.backends.RoleBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "recommender.web.static_files.ModuleAwareStaticFilesStorage"},
}
# Files are taken by the upload address only, which sets its own handler once it knows who sends them.
FILE_UPLOAD_HANDLERS = ["recommender.ingest.validate.RefusingUploadHandler"]
FILE_UPLOAD_TEMP_DIR = STORAGE.staging
DATA_UPLOAD_MAX_NUMBER_FILES = UPLOADS.max_files_per_request

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    # Without the broker an upload goes on at once: the sweeper sends what could not be sent.
    "max_retries": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# Both flags are needed to lose nothing when a pool child or the whole worker is killed.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# With the default of 4 s a child that starts slowly is killed and respawned for ever.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "background"
CELERY_TASK_ROUTES = {
    "recommender.ingest.tasks.analyse_track_task": {"queue": "analysis"},
    "recommender.ingest.tasks.synchronise_index_task": {"queue": "index"},
    "recommender.ingest.tasks.listen_to_query_task": {"queue": "interactive"},
    "recommender.ingest.tasks.prepare_to_listen_task": {"queue": "interactive"},
}
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "recommender.ingest.tasks.sweep_task", "schedule": 15.0, "options": {"expires": 15}},
    "index": {"task": "recommender.ingest.tasks.synchronise_index_task", "schedule": 15.0, "options": {"expires": 15}},
    "jobs": {"task": "recommender.curation.tasks.resume_jobs_task", "schedule": 60.0, "options": {"expires": 60}},
    "drafts": {"task": "recommender.curation.tasks.drop_old_drafts_task", "schedule": 600.0},
}
if UPLOADS.watch_folder:
    CELERY_BEAT_SCHEDULE["watch"] = {
        "task": "recommender.ingest.tasks.import_watched_task",
        "schedule": 60.0,
        "options": {"expires": 60, "priority": 9},
    }

# The code speaks English; docs/translating.md says how another language is added.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
TRANSLATIONS = BASE_DIR / "locale"
LOCALE_PATHS = [HOME / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

HTTPS = _read("SOUNDALIKE_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 86_400
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# The proxy that ends TLS has to set this header and strip the client's own.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "recommender.web.errors.csrf_failed"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    # The client writes a traceback for every refusal; what matters of it is logged by those who asked.
    # A refusal is no fault of the server: Django would write a traceback for each, and bury the real ones.
    "loggers": {"pymilvus": {"level": "CRITICAL"}, "django.request": {"level": "ERROR"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}

if DEBUG and HTTPS:
    _problems.append("SOUNDALIKE_DEBUG and SOUNDALIKE_HTTPS exclude each other: debug pages must not face the world")
if _problems:
    raise ImproperlyConfigured("the settings need mending:\n  " + "\n  ".join(_problems))
