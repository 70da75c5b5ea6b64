"""Web processes have to stay small: torch and libav are for the workers."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOAD_EVERY_VIEW = """
import django, sys
django.setup()
from django.test import Client
from django.urls import URLResolver, get_resolver
import recommender.wsgi

def load(patterns):
    for entry in patterns:
        load(entry.url_patterns) if isinstance(entry, URLResolver) else entry.callback

load(get_resolver().url_patterns)
Client().get("/livez")
print(",".join(sorted({"torch", "av", "librosa", "scipy", "sklearn"} & sys.modules.keys())))
"""


def test_a_web_process_loads_neither_torch_nor_libav(tmp_path):
    environment = {**os.environ, "SOUNDALIKE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    (tmp_path / "static").mkdir()
    told = subprocess.run(
        [sys.executable, "-c", LOAD_EVERY_VIEW], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == ""
