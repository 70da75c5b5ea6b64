"""The desk of reports: who said what, the track hidden at once, answers, and what its owner reads."""

import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.merged import lead_on
from recommender.catalog.models import Track, Visibility
from recommender.curation.models import Act, Report, ReportReason
from recommender.curation.reports import report_track
from recommender.web.desk import reports
from recommender.web.standing import describe_standing
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
REPORTS = "/desk/reports/"


@pytest.fixture
def reporters():
    return [make_user(Role.LISTENER) for _ in range(2)]


@pytest.fixture
def track(reporters):
    made = make_track(title="The song")
    report_track(made, reporters[0], ReportReason.RIGHTS, "It is mine.")
    report_track(made, reporters[1], ReportReason.OFFENSIVE, "It is <rude>.")
    return made


@pytest.fixture
def do(page_client, track):
    def post(said, *chosen, **form):
        sent = {"do": said, "report": [report.pk for report in chosen], "next": REPORTS, **form}
        answer = page_client.post(reverse("desk_report_do", args=[track.pk]), sent, follow=True)
        return " ".join(answer.content.decode().split())

    return post


def standing_of(track, viewer):
    return describe_standing(Track.objects.get(pk=track.pk), viewer)


def test_open_reports_are_grouped_by_track(read, curator, reporters, track, django_assert_max_num_queries):
    other = make_track(title="The other")
    report_track(other, reporters[0], ReportReason.BROKEN, "No sound.")
    with django_assert_max_num_queries(20):
        page = read(REPORTS)
    shown = ["Offensive", reporters[1].username, "It is &lt;rude&gt;.", reporters[0].username, "It is mine."]
    places = [page.index(text, page.index(">The song<")) for text in shown]
    assert places == sorted(places)
    assert page.index(">The other<") < page.index(">The song<")
    assert page.count('data-play="') == 2
    assert "3 reports are open" in read("/desk/")


def test_hidden_at_once_and_taken_back(page_client, read, curator, track, do):
    assert "1 track was withdrawn." in do("withdraw", note="The label wrote to us.")
    assert Track.objects.get(pk=track.pk).visibility == Visibility.WITHDRAWN
    told = standing_of(track, track.owner)
    assert (told.sentence, told.is_bad) == ("Hidden because of a report: The label wrote to us.", True)
    page = read(REPORTS)
    act = Act.objects.get()
    for shown in ("Withdrawn by", "“The label wrote to us.”", reverse("desk_undo", args=[act.pk])):
        assert shown in page
    assert "Hide now" not in page
    page_client.force_login(track.owner)
    page = read(reverse("track", args=[track.pk]))
    assert "Hidden because of a report: The label wrote to us." in page
    assert "Hidden because of a report: The label wrote to us." in read(reverse("upload"))
    assert not any(report.reporter.username in page for report in Report.objects.all())
    page_client.force_login(curator)
    page_client.post(reverse("desk_undo", args=[act.pk]))
    assert standing_of(track, track.owner).sentence == ""
    assert "Hide now" in read(REPORTS)


def test_kept_out_of_recommendations(curator, track, do):
    do("hide")
    assert not Track.objects.recommendable().exists()
    assert standing_of(track, track.owner).sentence.startswith("Not recommended because of a report")
    assert standing_of(track, curator).sentence == ""


def test_answered_closed_and_opened_again(read, curator, track, do):
    second, first = Report.objects.all()
    assert "1 report was dealt with." in do("close", first, note="Its owner has a licence.")
    page = read(REPORTS)
    assert "It is mine." not in page
    page = read(REPORTS, show="closed")
    for shown in ("It is mine.", "Answer: Its owner has a licence.", curator.username, "Open again"):
        assert shown in page
    assert "rude" not in page
    do("answer", second, note="We are listening to it.")
    second.refresh_from_db()
    assert (second.is_open, second.answer) == (True, "We are listening to it.")
    do("open", first)
    assert Report.objects.filter(is_open=True).count() == 2
    page = read(reverse("desk_report", args=[track.pk]))
    for shown in ("It is mine.", "rude", "1 report was dealt with.", "What was done"):
        assert shown in page
    page = read(reverse("desk_act", args=[Act.objects.earliest("pk").pk]))
    for shown in ("Report is open: <del>yes</del> → no", "Answer: Its owner has a licence."):
        assert shown in page


def test_what_is_refused_is_told(page_client, read, curator, track, do):
    report = Report.objects.first()
    assert "Choose at least one report first." in do("close")
    assert "Write the answer first." in do("answer", report)
    assert "Nothing was changed" in do("open", report)
    address = reverse("desk_report_do", args=[track.pk])
    elsewhere = report_track(make_track(), make_user(), ReportReason.OTHER, "Look.")
    for form, status in (
        ({"do": "praise"}, 400),
        ({"do": "close", "report": "first"}, 400),
        ({"do": "close", "report": elsewhere.pk}, 404),
        ({"do": "hide", "note": "x" * 2001}, 400),
    ):
        assert page_client.post(address, form).status_code == status
    assert not Act.objects.exists()


def test_reports_of_a_track_that_is_gone_stay(page_client, read, curator, reporters, track, do):
    Track.objects.filter(pk=track.pk).update(is_deleting=True)
    assert "The song" in read(REPORTS)
    Track.objects.get(pk=track.pk).delete()
    page = read(REPORTS)
    for shown in ("The song", "This track is not there any more.", "It is mine."):
        assert shown in page
    assert "Hide now" not in page
    assert "not yours to change, or not there any more" in do("withdraw")
    do("close", *Report.objects.all())
    assert "Nothing is reported." in read(REPORTS)


def test_what_was_merged_is_found_where_it_went(read, curator, track):
    kept = make_track(title="The <same>")
    lead_on(track.pk, kept.pk)
    Track.objects.filter(pk=track.pk).update(is_deleting=True)
    link = f'merged into <a href="{reverse("track", args=[kept.pk])}">The &lt;same&gt;</a>'
    for address in (REPORTS, reverse("desk_report", args=[track.pk])):
        assert link in read(address)


def test_what_has_become_private_is_nobody_elses(read, curator, track):
    Track.objects.update(visibility=Visibility.PRIVATE)
    assert "The song" not in read(REPORTS)
    read(reverse("desk_report", args=[track.pk]), status=404)


def test_who_uploaded_it_does_not_read_who_reported_it(read, curator, reporters):
    report_track(make_track(curator, title="Their own"), reporters[0], ReportReason.RIGHTS, "It is mine.")
    page = read(REPORTS)
    assert "Their own" in page
    assert reporters[0].username not in page


def test_many_reports(read, curator, track, monkeypatch):
    monkeypatch.setattr(reports, "PAGE_SIZE", 1)
    monkeypatch.setattr(reports, "SHOWN", 1)
    report_track(make_track(title="The newest"), make_user(), ReportReason.OTHER, "Look.")
    page = read(REPORTS)
    assert "The song" not in page
    older = page.partition('rel="next" href="')[2].partition('"')[0]
    page = read(REPORTS, after=older.partition("after=")[2])
    assert "The song" in page
    assert "1 more report, and what was done" in page
