"""Every address of the site. Whoever adds one says in tests/web/test_access.py who may use it."""

from django.contrib import admin
from django.urls import path

from recommender.web import (
    accounts,
    artists,
    covers,
    editing,
    errors,
    genres,
    health,
    media,
    pages,
    placeholder,
    releases,
    searching,
    static_files,
    track_actions,
    tus,
    uploads,
)

urlpatterns = [
    path("", pages.library, name="library"),
    path("search/suggest", searching.suggest, name="search_suggest"),
    path("tracks/<int:track_id>/", pages.track, name="track"),
    path("tracks/<int:track_id>/audio", media.track_audio, name="track_audio"),
    path("tracks/<int:track_id>/download", media.track_download, name="track_download"),
    path("tracks/<int:track_id>/cover/<int:side>", media.track_cover, name="track_cover"),
    path("tracks/<int:track_id>/cover", covers.change_cover, name="track_cover_change"),
    path("tracks/<int:track_id>/edit", editing.edit, name="track_edit"),
    path("edits/<int:edit_id>/undo", editing.undo, name="edit_undo"),
    path("tracks/<int:track_id>/delete", track_actions.delete, name="track_delete"),
    path("tracks/<int:track_id>/retry", track_actions.retry, name="track_retry"),
    path("artists/", artists.artists, name="artists"),
    path("artists/<int:artist_id>/", artists.artist, name="artist"),
    path("releases/", releases.releases, name="releases"),
    path("releases/<int:release_id>/", releases.release, name="release"),
    path("genres/", genres.genres, name="genres"),
    path("placeholders/<int:number>.svg", placeholder.placeholder_cover, name="placeholder_cover"),
    path("upload/", uploads.upload, name="upload"),
    path("upload/files", uploads.upload_file, name="upload_file"),
    path("upload/states", uploads.upload_states, name="upload_states"),
    path("upload/known", uploads.known, name="upload_known"),
    path("upload/<uuid:upload_id>/dismiss", uploads.dismiss, name="upload_dismiss"),
    path("upload/tus/", tus.tus_uploads, name="tus_uploads"),
    path("upload/tus/<uuid:upload_id>", tus.tus_upload, name="tus_upload"),
    path("sign-in/", accounts.sign_in, name="sign_in"),
    path("sign-out/", accounts.sign_out, name="sign_out"),
    path("sign-up/", accounts.sign_up, name="sign_up"),
    path("favicon.ico", static_files.favicon, name="favicon"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
