"""Asking with a sound in a real browser: from the microphone, with a file, and without scripts."""

import pytest
from django.urls import reverse

from embeddings.synthesis import synthesise, write_audio
from tests.flows.browsing import PATIENCE_MS, needs_chromium, sign_in

sync_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow]

ANSWERED = "#similar-title, #answer-page [role=alert]"


@pytest.fixture
def page(browser, stack, complaints):
    context = browser.new_context(base_url=stack.address)
    page = context.new_page()
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, stack, reverse("ask"))
    yield page
    context.close()


@pytest.fixture
def song(tmp_path):
    return write_audio(tmp_path / "song.wav", synthesise("rock", 1, 5), 44_100, container="wav")


def await_answer(page):
    page.wait_for_selector(ANSWERED, timeout=PATIENCE_MS)
    assert page.locator("#answer-page [role=alert]").count() == 0
    return page.inner_text("#answer-page")


def test_a_recording_is_answered(page):
    page.click("[data-record]")
    page.wait_for_selector("[data-told]:has-text('Recording: 0:02')")
    assert page.inner_text("[data-record]") == "Stop and ask"
    page.click("[data-record]")
    assert "Length" in await_answer(page)


def test_a_chosen_file_is_answered_and_there_again_on_the_way_back(page, song):
    page.set_input_files("#sound", song)
    assert "0:05" in await_answer(page)
    answer = page.url
    page.click("text=Ask with another one")
    page.wait_for_selector("#ask-form")
    page.go_back()
    page.wait_for_selector(ANSWERED)
    assert page.url == answer


def test_what_is_dropped_is_a_question_and_no_upload(page):
    dropped = page.evaluate_handle(
        "() => { const held = new DataTransfer(); held.items.add(new File(['no sound'], 'a.mp3')); return held; }"
    )
    for name in ("dragenter", "dragover", "drop"):
        page.dispatch_event("main", name, {"dataTransfer": dropped})
    page.wait_for_selector("[data-told]:has-text('not an audio file')")
    assert page.locator("#dock").is_hidden()


def test_without_a_secure_page_the_reason_is_said(page):
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.reload()
    assert "HTTPS" in page.inner_text("[data-told]")
    assert page.locator("[data-record]").is_hidden()


def test_without_scripts_a_file_is_answered_all_the_same(browser, stack, song):
    context = browser.new_context(base_url=stack.address, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, stack, reverse("ask"))
    page.set_input_files("#sound", song)
    page.click("#ask-form button[type=submit]")
    assert "0:05" in await_answer(page)
    context.close()
