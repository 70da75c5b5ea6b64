"""Another language: chosen in the menu with and without scripts, spoken by pages and by scripts."""

from django.urls import reverse

from tests.flows.browsing import needs_chromium, sign_in
from tests.stack import Stack

pytestmark = needs_chromium

SAID = "sentence => document.getElementById('announcer').textContent === sentence"


def test_a_language_is_chosen_and_spoken(browser, stack: Stack):
    context = browser.new_context(base_url=stack.address, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, stack, reverse("discover"))
    page.get_by_role("button", name="Account of admin").click()
    page.get_by_role("button", name="Deutsch").click()
    page.wait_for_function("() => document.documentElement.lang === 'de'")
    assert page.url.endswith(reverse("discover"))
    assert page.get_by_role("heading", level=1).inner_text() == "Was möchtest du hören?"

    # Scripts speak it too, and go on doing so on pages that come without a new document.
    search = page.get_by_role("combobox", name="Titel, Künstler und Alben suchen")
    search.fill("zzzzzzzz")
    page.wait_for_function(SAID, arg="Nichts gefunden")
    page.evaluate("window.isSameDocument = true")
    page.locator("#menu").get_by_role("link", name="Karte").click()
    page.wait_for_function(SAID, arg="Karte · Soundalike")
    assert page.evaluate("window.isSameDocument")

    # Where it was changed elsewhere, a page does not come in two languages: it comes anew.
    context.add_cookies([{"name": "language", "value": "en", "url": stack.address}])
    page.locator("#menu").get_by_role("link", name="Entdecken").click()
    page.wait_for_function("() => document.documentElement.lang === 'en'")
    assert page.get_by_role("heading", level=1).inner_text() == "What would you like to hear?"
    context.close()


def test_a_language_is_chosen_without_scripts(browser, stack: Stack):
    context = browser.new_context(base_url=stack.address, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(reverse("sign_in"))
    page.get_by_role("button", name="Appearance").click()
    page.get_by_role("button", name="Deutsch").click()
    page.wait_for_url(f"**{reverse('sign_in')}")
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.get_by_role("heading", level=1).inner_text() == "Anmelden"
    context.close()
