
from tests.web.test_playlist_suggestions import *
from django.test.utils import CaptureQueriesContext
from django.db import connection
def test_q(page_client, playlist, tracks, listener):
    suggested(page_client, playlist)
    with CaptureQueriesContext(connection) as q:
        suggested(page_client, playlist)
    for i in q: print("Q", i["sql"][:int(330)]); print()
