"""Every address of the site. Whoever adds one says in tests/web/test_access.py who may use it."""

from django.contrib import admin
from django.urls import path

from recommender.web import accounts, errors, health, media, pages, placeholder, static_files, track_actions, uploads

urlpatterns = [
    path("", pages.library, name="library"),
    path("tracks/<int:track_id>/", pages.track, name="track"),
    path("tracks/<int:track_id>/audio", media.track_audio, name="track_audio"),
    path("tracks/<int:track_id>/download", media.track_download, name="track_download"),
    path("tracks/<int:track_id>/cover", media.track_cover, name="track_cover"),
    path("tracks/<int:track_id>/delete", track_actions.delete, name="track_delete"),
    path("tracks/<int:track_id>/retry", track_actions.retry, name="track_retry"),
    path("placeholders/<int:number>.svg", placeholder.placeholder_cover, name="placeholder_cover"),
    path("upload/", uploads.upload, name="upload"),
    path("upload/files", uploads.upload_file, name="upload_file"),
    path("upload/states", uploads.upload_states, name="upload_states"),
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
