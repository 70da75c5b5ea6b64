# ruff: noqa: S608  # every part of these statements is a constant of this file
"""What the database keeps of tracks by itself: shelves to count by and, on SQLite, the words to search by and a number
that tells of changes (`catalog.revision`).

Triggers write them, so that bulk updates and every other writer are covered, in the transaction of the change itself.
On PostgreSQL names are searched where they stand, by trigram indexes (`catalog.search`).

SQLite makes a table anew to change it, which loses its triggers and fails on those of other tables that read it. A
migration that alters a track, credit, artist, release, genre, tag, analysis, space or map table begins with
`drop_triggers` and ends with `create_triggers`.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from recommender.catalog.models.shelves import FASTEST, LEAST_CONFIDENCE, PACES
from recommender.catalog.pool import create_pool_view, drop_pool_view
from recommender.catalog.revision import create_revision_triggers, drop_revision_triggers

TRACK_WORDS, ARTIST_WORDS, RELEASE_WORDS = "catalog_track_words", "catalog_artist_words", "catalog_release_words"

_SHELF_COLUMNS = "decade, pace, key, file_format, genres, tags, visibility, is_playable, is_deleting, owner_id"
# The columns of tracks that these come from.
_COUNTED = (
    *("year", "tempo_bpm", "tempo_confidence", "key", "key_confidence"),
    *("visibility", "is_playable", "is_deleting", "owner_id", "audio_file_id"),
)
_TRIGRAMS = (("track", "title_key"), ("artist", "name_key"), ("artistalias", "name_key"), ("release", "title_key"))
_GATHER = {"sqlite": "group_concat({0}, char(10))", "postgresql": "string_agg({0}::text, chr(10))"}
_CREDITED = "SELECT t.artist_id UNION SELECT c.artist_id FROM catalog_credit c WHERE c.track_id = t.id"
# Whoever looks for an artist by another name finds it, and what it has made.
_ALIASES = "SELECT group_concat(l.name_key, ' ') || ' ' FROM catalog_artistalias l WHERE l.artist_id"
# Columns of the search documents, and what is in them. A space around each name, so that the first and the last
# letters of every word are trigrams of their own.
_DOCUMENTS = {
    TRACK_WORDS: (
        "title, artists, release",
        f"""SELECT t.id, ' ' || t.title_key || ' ',
  coalesce((SELECT ' ' || group_concat(a.name_key, ' ') || ' ' FROM catalog_artist a WHERE a.id IN ({_CREDITED})), '')
    || coalesce(({_ALIASES} IN ({_CREDITED})), ''),
  coalesce((SELECT ' ' || r.title_key || ' ' FROM catalog_release r WHERE r.id = t.release_id), '')
FROM catalog_track t""",
    ),
    ARTIST_WORDS: (
        "name, aliases",
        f"""SELECT t.id, ' ' || t.name_key || ' ', coalesce((SELECT ' ' || ({_ALIASES} = t.id)), '')
FROM catalog_artist t""",
    ),
    RELEASE_WORDS: (
        "title, artist",
        """SELECT t.id, ' ' || t.title_key || ' ', ' ' || a.name_key || ' '
FROM catalog_release t JOIN catalog_artist a ON a.id = t.artist_id""",
    ),
}


def create_triggers(*_of_migration: Any) -> None:
    """Make the triggers, with their search documents, and fill what they keep. None of them may be there.

    Migrations before the one that makes the last of the tables they read leave it to that one.
    """
    if "catalog_artistalias" not in connection.introspection.table_names():
        return
    _run(_shelve("SELECT id FROM catalog_track"))
    if connection.vendor == "sqlite":
        _run(_word_tables())
        rebuild_words()
        _run(
            f"CREATE TRIGGER keep_{name} AFTER {event} BEGIN {'; '.join(body)}; END" for name, event, body in _events()
        )
    elif connection.vendor == "postgresql":
        _run(_postgresql_triggers())
        _run(_postgresql_indexes())
    create_revision_triggers()
    create_pool_view()


def drop_triggers(*_of_migration: Any) -> None:
    """Undoes `create_triggers`. The shelves stay as they are."""
    drop_pool_view()
    drop_revision_triggers()
    if connection.vendor == "sqlite":
        _run(f"DROP TRIGGER IF EXISTS keep_{name}" for name, _event, _body in _events())
        _run(f"DROP TABLE IF EXISTS {table}{kind}" for table in _DOCUMENTS for kind in ("_terms", ""))
    elif connection.vendor == "postgresql":
        _run(f"DROP FUNCTION IF EXISTS keep_{table} CASCADE" for table in _postgresql_events())


def select_documents(words: str, ids: str) -> str:
    """The query for (words, id, part, part, part) of these search documents; what a document lacks is empty.

    PostgreSQL puts them together as they are asked for.
    """
    parts, select = _DOCUMENTS[words]
    named = f"'{words}', {{}}, {parts}" + ", ''" * (2 - parts.count(","))
    if connection.vendor == "sqlite":
        return f"SELECT {named.format('rowid')} FROM {words} WHERE rowid IN ({ids})"
    select = select.replace("group_concat", "string_agg") + f" WHERE t.id IN ({ids})"
    return f"SELECT {named.format('id')} FROM ({select}) AS documents (id, {parts})"


def rebuild_words() -> None:
    """Write all search documents anew. SQLite only."""
    for words, table in ((TRACK_WORDS, "track"), (ARTIST_WORDS, "artist"), (RELEASE_WORDS, "release")):
        _run([f"DELETE FROM {words}", _write(words, f"SELECT id FROM catalog_{table}")[1]])


def _run(statements: Any) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _shelve(ids: str) -> list[str]:
    """Statements that write the shelf rows of these tracks anew.

    Never by REPLACE: the conflict rule of the statement that fires a trigger overrides those inside.
    """
    gather = _GATHER[connection.vendor].format
    paces = " ".join(f"WHEN t.tempo_bpm < {bound} THEN '{name}'" for name, bound in PACES.items())
    pace = f"CASE {paces} WHEN t.tempo_bpm IS NOT NULL THEN '{FASTEST}' END"
    genres = "SELECT genre_id FROM catalog_track_genres WHERE track_id = t.id ORDER BY genre_id"
    tags = "SELECT name FROM catalog_tracktag WHERE track_id = t.id ORDER BY name"
    return [
        f"DELETE FROM catalog_shelf WHERE track_id IN ({ids})",
        f"""INSERT INTO catalog_shelf (track_id, {_SHELF_COLUMNS})
SELECT t.id, t.year - t.year % 10, CASE WHEN t.tempo_confidence >= {LEAST_CONFIDENCE} THEN {pace} END,
  CASE WHEN t.key_confidence >= {LEAST_CONFIDENCE} THEN t.key END,
  ltrim(f.suffix, '.'), coalesce((SELECT {gather("genre_id")} FROM ({genres}) g), ''),
  coalesce((SELECT {gather("name")} FROM ({tags}) n), ''), t.visibility, t.is_playable, t.is_deleting, t.owner_id
FROM catalog_track t JOIN catalog_audiofile f ON f.sha256 = t.audio_file_id WHERE t.id IN ({ids})""",
    ]


def _word_tables() -> Iterator[str]:
    # Single trigrams are looked up and counted: neither positions nor lengths are needed.
    options = "tokenize = 'trigram case_sensitive 1', detail = 'none', columnsize = 0"
    for table, (columns, _select) in _DOCUMENTS.items():
        yield f"CREATE VIRTUAL TABLE {table} USING fts5({columns}, {options})"
        yield f"CREATE VIRTUAL TABLE {table}_terms USING fts5vocab({table}, row)"


def _write(words: str, ids: str) -> list[str]:
    """Statements that write these search documents anew."""
    columns, select = _DOCUMENTS[words]
    return [
        f"DELETE FROM {words} WHERE rowid IN ({ids})",
        f"INSERT INTO {words} (rowid, {columns}) {select} WHERE t.id IN ({ids})",
    ]


def _events() -> Iterator[tuple[str, str, list[str]]]:
    """Name, event and statements of every trigger on SQLite."""
    yield from _track_events()
    for table, short in (("catalog_track_genres", "genre"), ("catalog_tracktag", "tag")):
        yield f"{short}_insert", f"INSERT ON {table}", _shelve("NEW.track_id")
        yield f"{short}_update", f"UPDATE ON {table}", _shelve("NEW.track_id, OLD.track_id")
        yield f"{short}_delete", f"DELETE ON {table}", _shelve("OLD.track_id")
    of_file = "SELECT id FROM catalog_track WHERE audio_file_id = NEW.sha256"
    yield "file_update", _change("catalog_audiofile", "suffix"), _shelve(of_file)
    yield "credit_insert", "INSERT ON catalog_credit", _write(TRACK_WORDS, "NEW.track_id")
    yield "credit_update", "UPDATE ON catalog_credit", _write(TRACK_WORDS, "NEW.track_id, OLD.track_id")
    yield "credit_delete", "DELETE ON catalog_credit", _write(TRACK_WORDS, "OLD.track_id")
    yield from _name_events()


def _track_events() -> Iterator[tuple[str, str, list[str]]]:
    shelf, words = _shelve("NEW.id"), _write(TRACK_WORDS, "NEW.id")
    yield "track_insert", "INSERT ON catalog_track", [*shelf, *words]
    yield "track_counted", _change("catalog_track", *_COUNTED), shelf
    yield "track_named", _change("catalog_track", "title_key", "artist_id", "release_id"), words
    forget = [_shelve("OLD.id")[0], _write(TRACK_WORDS, "OLD.id")[0]]
    yield "track_delete", "DELETE ON catalog_track", forget


def _name_events() -> Iterator[tuple[str, str, list[str]]]:
    credited = "SELECT track_id FROM catalog_credit WHERE artist_id = NEW.id"
    tracks = _write(TRACK_WORDS, f"SELECT id FROM catalog_track WHERE artist_id = NEW.id UNION {credited}")
    releases = _write(RELEASE_WORDS, "SELECT id FROM catalog_release WHERE artist_id = NEW.id")
    own = _write(ARTIST_WORDS, "NEW.id")
    yield "artist_insert", "INSERT ON catalog_artist", own
    yield "artist_update", _change("catalog_artist", "name_key"), [*own, *tracks, *releases]
    yield "artist_delete", "DELETE ON catalog_artist", _write(ARTIST_WORDS, "OLD.id")[:1]
    for event, rows in (("insert", ("NEW",)), ("update", ("NEW", "OLD")), ("delete", ("OLD",))):
        yield f"alias_{event}", f"{event.upper()} ON catalog_artistalias", _write_named(*rows)
    tracks = _write(TRACK_WORDS, "SELECT id FROM catalog_track WHERE release_id = NEW.id")
    own = _write(RELEASE_WORDS, "NEW.id")
    yield "release_insert", "INSERT ON catalog_release", own
    yield "release_update", _change("catalog_release", "title_key", "artist_id"), [*own, *tracks]
    yield "release_delete", "DELETE ON catalog_release", _write(RELEASE_WORDS, "OLD.id")[:1]


def _write_named(*rows: str) -> list[str]:
    """Statements that write anew what is found by the names of the artists of these rows."""
    artists = ", ".join(f"{row}.artist_id" for row in rows)
    credited = f"SELECT track_id FROM catalog_credit WHERE artist_id IN ({artists})"
    tracks = f"SELECT id FROM catalog_track WHERE artist_id IN ({artists}) UNION {credited}"
    return [*_write(ARTIST_WORDS, artists), *_write(TRACK_WORDS, tracks)]


def _change(table: str, *columns: str) -> str:
    """A row is saved whole far more often than one of these columns changes."""
    differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
    return f"UPDATE OF {', '.join(columns)} ON {table} WHEN {differs}"


def _postgresql_events() -> dict[str, tuple[str, list[str]]]:
    """Events and statements by table. A shelf that needs no change is not touched: two workers would wait for each
    other, who each hold a track of the same file.
    """
    change = "INSERT OR UPDATE OR DELETE"
    return {
        "catalog_track": (f"INSERT OR UPDATE OF {', '.join(_COUNTED)} OR DELETE", _shelve("NEW.id, OLD.id")),
        "catalog_track_genres": (change, _shelve("NEW.track_id, OLD.track_id")),
        "catalog_tracktag": (change, _shelve("NEW.track_id, OLD.track_id")),
        "catalog_audiofile": (
            "UPDATE OF suffix",
            _shelve("SELECT id FROM catalog_track WHERE audio_file_id = NEW.sha256"),
        ),
    }


def _postgresql_triggers() -> Iterator[str]:
    for table, (events, body) in _postgresql_events().items():
        statements = "; ".join(body)
        kept = f"BEGIN {statements}; RETURN NULL; END"
        yield f"CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $keep${kept}$keep$"
        fires = f"AFTER {events} ON {table} FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
        yield f"CREATE TRIGGER keep_{table} {fires}"


def _postgresql_indexes() -> Iterator[str]:
    yield "CREATE EXTENSION IF NOT EXISTS pg_trgm"
    for table, column in _TRIGRAMS:
        name = f"{table}_by_trigram"
        yield f"CREATE INDEX IF NOT EXISTS {name} ON catalog_{table} USING gin ({column} gin_trgm_ops)"
