"""Who may use which address: every URL x role x state of a track. An address that is not listed here fails."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from recommender.accounts.models import Role, User
from recommender.catalog import audio_files
from recommender.catalog.models import AnalysisState, Artist, Release, Spectrogram, Track, Visibility
from recommender.listening.models import Sharing
from recommender.listening.playlists import create_playlist
from tests.people import make_audio_file, make_cover, make_space, make_track, make_user

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "disabled", "listener", "uploader", "owner", "curator", "admin")
STATES = {
    "private": {"visibility": Visibility.PRIVATE},
    "submitted": {"visibility": Visibility.SUBMITTED},
    "published": {"visibility": Visibility.PUBLISHED},
    "withdrawn": {"visibility": Visibility.WITHDRAWN},
    "unplayable": {"visibility": Visibility.PUBLISHED, "is_playable": False},
    "deleting": {"visibility": Visibility.PUBLISHED, "is_deleting": True},
}
PAGES = {"Accept": "text/html"}
SCRIPTS = {"Accept": "application/json", "Tus-Resumable": "1.0.0"}
FOR_SCRIPTS = {
    *("theme", "set_language", "ask_sound"),
    *("upload_file", "upload_known", "upload_dismiss", "tus_uploads", "tus_upload"),
}


def read_table(text):
    rows = (line.split() for line in text.strip().splitlines())
    return {role: dict(zip(STATES, map(int, statuses), strict=True)) for role, *statuses in rows}


#             private submitted published withdrawn unplayable deleting
SEE = read_table("""
anonymous     404     404       200       404       404        404
disabled      404     404       200       404       404        404
listener      404     404       200       404       404        404
uploader      404     404       200       404       404        404
owner         200     200       200       200       200        404
curator       404     200       200       200       200        404
admin         200     200       200       200       200        404
""")
HEAR = read_table("""
anonymous     404     404       200       404       404        404
disabled      404     404       200       404       404        404
listener      404     404       200       404       404        404
uploader      404     404       200       404       404        404
owner         200     200       200       200       404        404
curator       404     200       200       200       404        404
admin         200     200       200       200       404        404
""")
DOWNLOAD = read_table("""
anonymous     404     404       403       404       404        404
disabled      404     404       403       404       404        404
listener      404     404       200       404       404        404
uploader      404     404       200       404       404        404
owner         200     200       200       200       200        404
curator       404     200       200       200       200        404
admin         200     200       200       200       200        404
""")
CHANGE = read_table("""
anonymous     404     404       403       404       404        404
disabled      404     404       403       404       404        404
listener      404     404       403       404       404        404
uploader      404     404       403       404       404        404
owner         200     200       200       200       200        404
curator       404     403       403       403       403        404
admin         200     200       200       200       200        404
""")
DESCRIBE = read_table("""
anonymous     404     404       403       404       404        404
disabled      404     404       403       404       404        404
listener      404     404       403       404       404        404
uploader      404     404       403       404       404        404
owner         200     200       200       200       200        404
curator       404     403       200       403       200        404
admin         200     200       200       200       200        404
""")

SPEAK = {**SEE, "anonymous": DOWNLOAD["anonymous"], "disabled": DOWNLOAD["disabled"]}
TELL = {**HEAR, "anonymous": DOWNLOAD["anonymous"], "disabled": DOWNLOAD["disabled"]}
REPORT = read_table("""
anonymous     404     404       302       404       404        404
disabled      404     404       302       404       404        404
""")
RULE = read_table("""
anonymous     404     404       403       404       404        404
disabled      404     404       403       404       404        404
listener      404     404       403       404       404        404
uploader      404     404       403       404       404        404
owner         403     403       403       403       403        404
curator       404     200       200       200       200        404
admin         200     200       200       200       200        404
""")


def after_post(table, status=204):
    """The same rights; what is done is answered without a body, unless the status says something else."""
    return {
        role: {state: status if code == 200 else code for state, code in row.items()} for role, row in table.items()
    }


def for_roles(*statuses):
    return dict(zip(ROLES, statuses, strict=True))


def everybody(status):
    return dict.fromkeys(ROLES, status)


TRACK_RULES = {
    ("track", "get"): SEE,
    ("track_cover", "get"): SEE,
    ("track_spectrogram", "get"): SEE,
    ("track_waveform", "get"): HEAR,
    ("track_audio", "get"): HEAR,
    ("track_audio", "head"): HEAR,
    ("track_download", "get"): DOWNLOAD,
    ("track_copy", "get"): DOWNLOAD,
    ("track_edit", "get"): DESCRIBE,
    ("track_edit", "post"): DESCRIBE,
    ("edit_undo", "post"): after_post(DESCRIBE),
    ("track_cover_change", "post"): after_post(DESCRIBE, 400),
    ("artist", "get"): SEE,
    ("artist_pair", "get"): after_post(SEE, 400),
    ("release", "get"): SEE,
    ("track_delete", "get"): CHANGE,
    ("track_delete", "post"): CHANGE,
    ("track_retry", "post"): after_post(CHANGE),
    # What is missing in these is asked for only of those who may.
    ("track_play", "post"): after_post(TELL, 400),
    ("track_feedback", "post"): after_post(SPEAK, 400),
    ("track_rule", "post"): after_post(RULE, 400),
    ("track_report", "get"): {**SEE, "anonymous": REPORT["anonymous"], "disabled": REPORT["disabled"]},
    ("track_report", "post"): after_post(SPEAK, 400),
    ("radio_next", "get"): SEE,
    ("track_playlists", "get"): {**SEE, **dict.fromkeys(("anonymous", "disabled"), dict.fromkeys(STATES, 302))},
}
#                                        anonymous disabled listener uploader owner curator admin
SITE_RULES = {
    ("home", "get"): everybody(200),
    ("for_you", "get"): for_roles(        302,     302,     200,     200,     200,  200,    200),
    ("liked", "get"): for_roles(          302,     302,     200,     200,     200,  200,    200),
    ("history", "get"): for_roles(        302,     302,     200,     200,     200,  200,    200),
    ("history_forget_all", "get"): for_roles(403,  403,     200,     200,     200,  200,    200),
    ("history_forget_all", "post"): for_roles(403, 403,     302,     302,     302,  302,    302),
    ("history_forget", "post"): for_roles(403,     403,     404,     404,     404,  404,    404),
    ("library", "get"): everybody(200),
    ("search_suggest", "get"): everybody(200),
    ("artists", "get"): everybody(200),
    ("releases", "get"): everybody(200),
    ("genres", "get"): everybody(200),
    ("track_sound", "get"): everybody(200),
    ("radio", "get"): everybody(200),
    ("missing", "get"): for_roles(        302,     302,     200,     200,     200,  200,    200),
    ("feedback", "get"): for_roles(       302,     302,     200,     200,     200,  200,    200),
    ("reports", "get"): for_roles(        302,     302,     200,     200,     200,  200,    200),
    ("feedback_undo", "post"): for_roles( 403,     403,     404,     404,     404,  404,    404),
    ("playlists", "get"): everybody(200),
    ("playlists", "post"): for_roles(     403,     403,     302,     302,     302,  302,    302),
    ("playlist_import", "get"): for_roles(302,     302,     200,     200,     200,  200,    200),
    ("playlist_import", "post"): for_roles(403,    403,     400,     400,     400,  400,    400),
    ("path", "get"): everybody(200),
    ("blend", "get"): everybody(200),
    ("describe", "get"): everybody(200),
    ("discover", "get"): everybody(200),
    ("set_language", "post"): everybody(204),
    ("words", "get"): everybody(200),
    ("theme", "post"): everybody(204),
    ("manifest", "get"): everybody(200),
    ("map", "get"): everybody(200),
    ("map_points", "get"): everybody(200),
    ("map_colours", "get"): everybody(200),
    ("map_regions", "get"): everybody(200),
    ("map_region", "get"): everybody(404),
    ("ask", "get"): for_roles(            302,     302,     200,     200,     200,  200,    200),
    ("ask_sound", "post"): for_roles(     403,     403,     400,     400,     400,  400,    400),
    ("ask_answer", "get"): for_roles(     302,     302,     404,     404,     404,  404,    404),
    ("upload", "get"): for_roles(         302,     302,     403,     200,     200,  200,    200),
    ("upload_file", "post"): for_roles(   403,     403,     403,     400,     400,  400,    400),
    ("upload_states", "get"): everybody(200),
    ("upload_known", "post"): for_roles(  403,     403,     403,     400,     400,  400,    400),
    ("upload_dismiss", "post"): for_roles(403,     403,     403,     404,     404,  404,    404),
    ("tus_uploads", "options"): everybody(204),
    ("tus_uploads", "post"): for_roles(   403,     403,     403,     415,     415,  415,    415),
    ("tus_upload", "options"): everybody(204),
    ("tus_upload", "head"): for_roles(    403,     403,     403,     404,     404,  404,    404),
    ("sign_in", "get"): for_roles(        200,     200,     302,     302,     302,  302,    302),
    ("sign_out", "post"): everybody(302),
    ("sign_up", "get"): everybody(404),
    ("placeholder_cover", "get"): everybody(200),
    ("desk", "get"): for_roles(           302,     302,     403,     403,     403,  200,    200),
    ("desk_do", "post"): for_roles(       403,     403,     403,     400,     400,  400,    400),
    ("desk_acts", "get"): for_roles(      302,     302,     200,     200,     200,  200,    200),
    ("desk_act", "get"): for_roles(       302,     302,     404,     404,     404,  404,    404),
    ("desk_undo", "get"): for_roles(      403,     403,     404,     404,     404,  404,    404),
    ("desk_undo", "post"): for_roles(     403,     403,     404,     404,     404,  404,    404),
    ("desk_undo_several", "get"): for_roles(403, 403,       302,     302,     302,  302,    302),
    ("desk_undo_several", "post"): for_roles(403, 403,      302,     302,     302,  302,    302),
    ("desk_edit", "get"): for_roles(      302,     302,     403,     200,     200,  200,    200),
    ("desk_edit", "post"): for_roles(     302,     302,     403,     302,     302,  302,    302),
    ("desk_edit_analyse", "post"): for_roles(403,  403,     403,     403,     403,  403,    302),
    ("desk_edit_apply", "post"): for_roles(403,    403,     403,     400,     400,  400,    400),
    ("desk_job_states", "get"): for_roles(403,     403,     200,     200,     200,  200,    200),
    ("desk_job_stop", "post"): for_roles( 403,     403,     404,     404,     404,  404,    404),
    ("trash", "get"): for_roles(          302,     302,     403,     200,     200,  200,    200),
    ("trash_all", "post"): for_roles(     403,     403,     403,     400,     400,  400,    400),
    ("trash_purge", "get"): for_roles(    302,     302,     403,     403,     403,  403,    400),
    ("desk_duplicates", "get"): for_roles(302,     302,     403,     403,     403,  200,    200),
    ("desk_duplicate_group", "get"): for_roles(302, 302,    403,     403,     403,  404,    404),
    ("desk_duplicates_merge", "post"): for_roles(403, 403,  403,     403,     403,  400,    400),
    ("desk_duplicates_suggested", "post"): for_roles(403, 403, 403,  403,     403,  302,    302),
    ("desk_duplicates_judge", "post"): for_roles(403, 403,  403,     403,     403,  400,    400),
    ("desk_artists", "get"): for_roles(   302,     302,     403,     403,     403,  200,    200),
    ("desk_artists_merge", "get"): for_roles(302,  302,     403,     403,     403,  404,    404),
    ("desk_artists_merge", "post"): for_roles(302, 302,     403,     403,     403,  404,    404),
    ("desk_artists_apart", "post"): for_roles(403, 403,     403,     403,     403,  404,    404),
    ("desk_artist", "get"): for_roles(    302,     302,     403,     403,     403,  404,    404),
    ("desk_artist_names", "post"): for_roles(403,  403,     403,     403,     403,  404,    404),
    ("desk_artist_split", "get"): for_roles(302,   302,     403,     403,     403,  404,    404),
    ("desk_artist_split", "post"): for_roles(302,  302,     403,     403,     403,  404,    404),
    ("desk_review", "get"): for_roles(    302,     302,     403,     403,     403,  200,    200),
    ("desk_reports", "get"): for_roles(   302,     302,     403,     403,     403,  200,    200),
    ("desk_report", "get"): for_roles(    302,     302,     403,     403,     403,  404,    404),
    ("desk_report_do", "post"): for_roles(403,     403,     403,     403,     403,  404,    404),
    ("desk_health", "get"): for_roles(    302,     302,     403,     403,     403,  200,    200),
    ("desk_health_retry", "post"): for_roles(403,  403,     403,     403,     403,  400,    400),
    ("desk_health_again", "post"): for_roles(403,  403,     403,     403,     403,  403,    400),
    ("desk_health_pause", "post"): for_roles(403,  403,     403,     403,     403,  403,    302),
    ("desk_quality", "get"): for_roles(   302,     302,     403,     403,     403,  200,    200),
    ("desk_quality_list", "get"): for_roles(302,   302,     403,     403,     403,  200,    200),
    ("desk_table", "get"): for_roles(     302,     302,     403,     200,     200,  200,    200),
    ("desk_table_export", "get"): for_roles(403,   403,     403,     200,     200,  200,    200),
    ("desk_table_import", "post"): for_roles(403,  403,     403,     400,     400,  400,    400),
    ("desk_table_draft", "get"): for_roles(302,    302,     403,     404,     404,  404,    404),
    ("desk_table_apply", "post"): for_roles(403,   403,     403,     404,     404,  404,    404),
    ("desk_table_discard", "post"): for_roles(403, 403,     403,     404,     404,  404,    404),
    ("desk_quality_reach", "get"): for_roles(302,  302,     403,     403,     403,  200,    200),
    ("desk_suggestions", "get"): for_roles(302,    302,     403,     403,     403,  200,    200),
    ("desk_suggestions_accept", "post"): for_roles(403, 403, 403,    403,     403,  400,    400),
    ("desk_suggestions_all", "post"): for_roles(403, 403,   403,     403,     403,  400,    400),
    ("desk_suggestions_dismiss", "post"): for_roles(403, 403, 403,   403,     403,  400,    400),
    ("desk_rules", "get"): for_roles(     302,     302,     403,     403,     403,  200,    200),
    ("desk_rule_draft", "post"): for_roles(403,    403,     403,     403,     403,  302,    302),
    ("desk_rule", "get"): for_roles(      302,     302,     403,     403,     403,  404,    404),
    ("desk_rule_switch", "post"): for_roles(403,   403,     403,     403,     403,  404,    404),
    ("desk_rule_delete", "post"): for_roles(403,   403,     403,     403,     403,  404,    404),
    ("favicon", "get"): everybody(302),
    ("livez", "get"): everybody(200),
    ("readyz", "get"): everybody(200),
}  # fmt: skip
# Of somebody's playlist, while it is private and once it is shared.
READ_PLAYLIST = {
    "private": for_roles(404, 404, 404, 404, 200, 404, 200),
    "shared": everybody(200),
}
CHANGE_PLAYLIST = {
    "private": for_roles(404, 404, 404, 404, 200, 404, 200),
    "shared": for_roles(403, 403, 403, 403, 200, 403, 200),
}
PLAYLIST_RULES = {
    ("playlist", "get"): READ_PLAYLIST,
    ("playlist_sound", "get"): READ_PLAYLIST,
    ("playlist_export", "get"): READ_PLAYLIST,
    ("playlist_edit", "get"): CHANGE_PLAYLIST,
    ("playlist_edit", "post"): CHANGE_PLAYLIST,
    ("playlist_suggestions", "get"): CHANGE_PLAYLIST,
    ("playlist_suggestions", "post"): after_post(CHANGE_PLAYLIST, 400),
    ("playlist_add", "post"): after_post(CHANGE_PLAYLIST, 400),
    ("playlist_entry", "post"): after_post(CHANGE_PLAYLIST, 400),
    ("playlist_delete", "get"): CHANGE_PLAYLIST,
    ("playlist_delete", "post"): after_post(CHANGE_PLAYLIST),
}
NO_UPLOAD = ["00000000-0000-4000-8000-000000000000"]
ARGUMENTS = {
    "placeholder_cover": [7],
    "words": ["de", "none"],
    "map_region": [7],
    "desk_duplicate_group": [7],
    "desk_quality_list": ["no_cover"],
    **{name: [7] for name in ("desk_act", "desk_undo", "desk_job_stop")},
    **{name: [7] for name in ("desk_report", "desk_report_do")},
    **{name: [7] for name in ("desk_rule", "desk_rule_switch", "desk_rule_delete")},
    **{name: [7] for name in ("desk_artist", "desk_artist_names", "desk_artist_split")},
    **{name: [7] for name in ("desk_table_draft", "desk_table_apply", "desk_table_discard")},
    "upload_states": [],
    "feedback_undo": ["like", 7],
    "history_forget": [7],
    "upload_dismiss": NO_UPLOAD,
    "tus_upload": NO_UPLOAD,
    "ask_answer": NO_UPLOAD,
}
# Of addresses of a track: what follows its number.
MORE_ARGUMENTS = {"playlist_entry": [7], "track_cover": [300]}
QUERIES = {
    "desk_table_export": {"as": "csv"},
    "playlist_export": {"format": "xspf"},
    "upload_states": {"ids": "1,2"},
    "map_colours": {"by": "genre"},
    "theme": {"theme": "dark"},
    "set_language": {"language": "de"},
}

# The admin's own sign-in and sign-out are everybody's.
ADMIN_OPEN = {"login", "logout"}
NO_INLINES = {f"analyses-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
ADMIN_RULES = {  # curator, admin; 302 is also what the admin answers where there is no such row
    "index": (200, 200),
    "password_change": (200, 200),
    "password_change_done": (200, 200),
    "autocomplete": (403, 403),
    "jsi18n": (200, 200),
    "view_on_site": (404, 404),
    "app_list": (200, 200),
    "catalog_track_changelist": (200, 200),
    "catalog_track_add": (403, 403),
    "catalog_track_history": (200, 200),
    "catalog_track_delete": (403, 403),
    "catalog_track_change": (200, 200),
    "catalog_artist_changelist": (200, 200),
    "catalog_artist_add": (403, 403),
    "catalog_artist_history": (200, 200),
    "catalog_artist_delete": (403, 403),
    "catalog_artist_change": (200, 200),
    "catalog_release_changelist": (200, 200),
    "catalog_release_add": (403, 403),
    "catalog_release_history": (200, 200),
    "catalog_release_delete": (403, 403),
    "catalog_release_change": (200, 200),
    "catalog_genre_changelist": (200, 200),
    "catalog_genre_add": (403, 403),
    "catalog_genre_history": (302, 302),
    "catalog_genre_delete": (403, 403),
    "catalog_genre_change": (302, 302),
    "auth_user_password_change": (403, 200),
    "accounts_user_changelist": (403, 200),
    "accounts_user_add": (403, 200),
    "accounts_user_history": (403, 200),
    "accounts_user_delete": (403, 403),
    "accounts_user_change": (403, 200),
}


def addresses(patterns=None, namespace=""):
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, entry.namespace or namespace)
        elif isinstance(entry, URLPattern):
            yield namespace, entry.name, entry


@pytest.fixture
def people(settings):
    made = {role.label: make_user(role) for role in Role}
    return {**made, "owner": make_user(), "disabled": make_user(Role.ADMIN)}


@pytest.fixture
def client_of(people):
    def sign_in(role, **given):
        client = Client(**given)
        if role != "anonymous":
            client.force_login(people[role])
        if role == "disabled":
            User.objects.filter(pk=people[role].pk).update(is_active=False)
        return client

    return sign_in


@pytest.fixture
def tracks(people):
    space = make_space()
    return {state: stored_track(people["owner"], space, state, **given) for state, given in STATES.items()}


def stored_track(owner, space, state, **given):
    """A track with bytes and a cover in the store, so that only its state can keep anybody from them.

    Its artist, its release and the change that was made to it have the number of the track.
    """
    audio_file = make_audio_file(f"the bytes of {state}".encode())
    path = audio_files.path_of(audio_file.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"the bytes of {state}".encode())
    Spectrogram.objects.create(audio_file=audio_file, picture=b"picture")
    track = make_track(owner, audio_file=audio_file, cover=make_cover(), **given)
    track.analyses.create(space=space, state=AnalysisState.FAILED)
    track.artist = Artist.objects.create(pk=track.pk, name=f"artist of {state}")
    track.release = Release.objects.create(pk=track.pk, title=f"release of {state}", artist=track.artist)
    track.save()
    track.credits.create(artist=track.artist)
    track.edits.create(pk=track.pk, before={"title": "before"}, after={"title": "after"})
    return track


def ask(client, method, address):
    """The status; what is streamed is read to its end, so that the file is closed."""
    answer = getattr(client, method)(address)
    answer.getvalue()
    return answer.status_code


def test_every_address_is_listed():
    listed = {name for name, _method in [*TRACK_RULES, *SITE_RULES, *PLAYLIST_RULES]}
    found = {name for namespace, name, _entry in addresses() if not namespace}
    assert found == listed


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "method"), list(TRACK_RULES))
def test_tracks(name, method, role, tracks, client_of):
    client = client_of(role, headers=SCRIPTS if method == "post" else PAGES)
    more = MORE_ARGUMENTS.get(name, [])
    statuses = {state: ask(client, method, reverse(name, args=[track.pk, *more])) for state, track in tracks.items()}
    assert statuses == TRACK_RULES[name, method][role]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "method"), list(SITE_RULES))
@pytest.mark.usefixtures("redis_server", "milvus_server")
def test_site(name, method, role, client_of):
    client = client_of(role, headers=SCRIPTS if name in FOR_SCRIPTS else PAGES)
    answer = getattr(client, method)(reverse(name, args=ARGUMENTS.get(name)), QUERIES.get(name, {}))
    assert answer.status_code == SITE_RULES[name, method][role]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("visibility", list(Sharing))
def test_playlists(visibility, role, people, client_of):
    statuses, client = {}, client_of(role)
    for name, method in PLAYLIST_RULES:
        made = create_playlist(people["owner"], "Evening", visibility=visibility)
        address = reverse(name, args=[made.pk, *MORE_ARGUMENTS.get(name, [])])
        headers = SCRIPTS if method == "post" else PAGES
        answer = getattr(client, method)(address, QUERIES.get(name, {}), headers=headers)
        statuses[name, method] = answer.status_code
    assert statuses == {rule: table[visibility][role] for rule, table in PLAYLIST_RULES.items()}


@pytest.mark.parametrize("role", ROLES)
def test_admin(role, tracks, client_of, people):
    """Everybody but curators and administrators is sent away from every address of the admin."""
    client = client_of(role, headers=PAGES)
    statuses, expected = {}, {}
    for namespace, name, entry in addresses():
        if namespace == "admin" and name not in ADMIN_OPEN and name is not None:
            statuses[name] = client.get(admin_address(name, entry, tracks, people)).status_code
            by_role = dict(zip(("curator", "admin"), ADMIN_RULES[name], strict=True))
            expected[name] = by_role.get(role, 302)
    assert statuses == expected


@pytest.mark.parametrize("role", ["curator", "admin"])
@pytest.mark.parametrize("state", STATES)
def test_tracks_in_the_admin(role, state, tracks, client_of):
    """A track that is hidden from somebody cannot be opened or changed there either: the admin sends them home."""
    track, client = tracks[state], client_of(role, headers=PAGES)
    is_seen = SEE[role][state] == 200
    address = reverse("admin:catalog_track_change", args=[track.pk])
    assert client.get(address).status_code == (200 if is_seen else 302)
    client.post(address, {"visibility": track.visibility, **NO_INLINES})
    track.refresh_from_db()
    assert track.is_recommendable is not is_seen
    Track.objects.update(is_recommendable=True)
    client.post(reverse("admin:catalog_track_changelist"), {"action": "hide", "_selected_action": [track.pk]})
    track.refresh_from_db()
    assert track.is_recommendable is not is_seen


def admin_address(name, entry, tracks, people):
    ids = {
        "object_id": str((people["listener"] if "_user_" in name else tracks["published"]).pk),
        "id": people["listener"].pk,
        "content_type_id": 1,
        "app_label": "catalog",
        "url": "nothing/",
    }
    return reverse(f"admin:{name}", kwargs={key: ids.get(key, 1) for key in entry.pattern.regex.groupindex})


@pytest.mark.parametrize("role", ROLES)
def test_states_and_lists_name_only_visible_tracks(role, tracks, client_of):
    client = client_of(role)
    visible = {track.pk for state, track in tracks.items() if SEE[role][state] == 200}
    heard = {track.pk for state, track in tracks.items() if HEAR[role][state] == 200}
    ids = ",".join(str(track.pk) for track in tracks.values())
    states = client.get(reverse("upload_states"), {"ids": ids}).json()["tracks"]
    assert {state["id"] for state in states} == visible
    for query in ({}, {"q": "Track"}):
        assert {track.pk for track in client.get(reverse("library"), query).context["page"].tracks} == heard


@pytest.mark.parametrize("number", ["0", "99999999999999999999999999", "-1", "1e3", "%00", "%D9%A1"])
def test_numbers_that_name_no_track(number, client_of):
    for ending in ("", "audio", "download", "cover/300", "delete"):
        assert client_of("admin").get(f"/tracks/{number}/{ending}").status_code == 404


def test_every_change_wants_the_csrf_token(tracks, client_of):
    client = client_of("admin", enforce_csrf_checks=True)
    track = [tracks["published"].pk]
    posts = [(name, track) for name in ("track_edit", "edit_undo", "track_cover_change")]
    posts += [("track_delete", track), ("track_retry", track), ("upload_file", []), ("sign_out", []), ("sign_in", [])]
    posts += [("upload_known", []), ("upload_dismiss", NO_UPLOAD), ("ask_sound", []), ("theme", [])]
    posts += [("track_play", track), ("track_feedback", track), ("track_rule", track), ("feedback_undo", ["like", 7])]
    playlist = create_playlist(User.objects.get(pk=client.session["_auth_user_id"]), "Evening").pk
    posts += [(f"playlist_{name}", [playlist]) for name in ("edit", "add", "delete", "suggestions")]
    posts += [(f"desk_health_{name}", []) for name in ("retry", "again", "pause")]
    posts += [("track_report", track), ("desk_report_do", track)]
    posts += [("desk_artists_merge", []), ("desk_artists_apart", []), ("desk_artist_names", [7])]
    posts += [("desk_artist_split", [7])]
    posts += [(f"desk_suggestions_{name}", []) for name in ("accept", "all", "dismiss")]
    posts += [("desk_do", []), ("desk_undo", [7]), ("desk_undo_several", []), ("desk_job_stop", [7]), ("trash_all", [])]
    posts += [("playlist_entry", [playlist, 7]), ("playlists", []), ("playlist_import", [])]
    for name, arguments in posts:
        assert client.post(reverse(name, args=arguments)).status_code == 403, name
        foreign = client.post(reverse(name, args=arguments), headers={"Origin": "https://elsewhere.example"})
        assert foreign.status_code == 403, name


def test_nothing_changes_by_get(tracks, client_of):
    client = client_of("admin")
    for name in ("track_retry", "edit_undo", "track_cover_change", "track_play", "track_feedback", "track_rule"):
        assert client.get(reverse(name, args=[tracks["published"].pk])).status_code == 405
    for name in ("upload_file", "upload_known", "ask_sound", "sign_out", "desk_do", "trash_all"):
        assert client.get(reverse(name)).status_code == 405
    client.get(reverse("track_delete", args=[tracks["published"].pk]))
    tracks["published"].refresh_from_db()
    assert not tracks["published"].is_deleting


def test_a_lowered_role_counts_at_once(people, client_of):
    client = client_of("uploader", headers=PAGES)
    assert client.get(reverse("upload")).status_code == 200
    people["uploader"].groups.clear()
    assert client.get(reverse("upload")).status_code == 403
