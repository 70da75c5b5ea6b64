"""What browsers are sent beside the pages: hashed names, no outside sources, and little of it."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.management import call_command

STATIC = Path(configured.BASE_DIR) / "static"
TEMPLATES = [*(Path(configured.BASE_DIR) / "templates").rglob("*.html")]
LARGEST_CSS_BYTES = 25 * 1024


@pytest.fixture
def collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "recommender.web.static_files.ModuleAwareStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_modules_import_each_other_under_hashed_names(collected):
    hashed = [p for p in (collected / "js").rglob("*.js") if re.fullmatch(r"[\w-]+\.[0-9a-f]{12}\.js", p.name)]
    assert len(hashed) == len([*(STATIC / "js").rglob("*.js")])
    imports = [
        (path, name) for path in hashed for name in re.findall(r'(?:from |import\()"(\.[^"]+)"', path.read_text())
    ]
    assert len(imports) > 10
    for path, name in imports:
        assert re.fullmatch(r"\.\.?/[\w./-]+\.[0-9a-f]{12}\.js", name), (path.name, name)
        assert (path.parent / name).exists()


def test_what_others_wrote_is_what_they_published():
    """Each vendored file is the one whose hash stands in the lock file, with its licence beside it."""
    vendor = STATIC / "vendor"
    packages = json.loads((vendor / "vendor.lock.json").read_text())["packages"]
    hashes = {name: sha256 for package in packages for name, sha256 in package["sha256"].items()}
    found = {path.relative_to(vendor).as_posix(): path for path in vendor.rglob("*.js")}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()} == hashes
    for package in packages:
        assert package["licence"] in ("MIT", "0BSD")
        assert all(package[fact] for fact in ("name", "version", "source"))
        assert (vendor / package["licence_text"]).stat().st_size > 0


def test_style_sheets_stay_small():
    assert sum(path.stat().st_size for path in STATIC.rglob("*.css")) <= LARGEST_CSS_BYTES


def test_nothing_is_fetched_from_elsewhere():
    for path in [*STATIC.rglob("*.css"), *(STATIC / "js").rglob("*.js"), *TEMPLATES]:
        text = path.read_text().replace("http://www.w3.org/", "")
        assert not re.search(r"https?://|@import|//cdn", text), path


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_script_or_style(template):
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    for tag in re.findall(r"<script[^>]*>", text):
        assert "src=" in tag
