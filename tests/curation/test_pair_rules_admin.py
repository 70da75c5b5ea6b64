import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import PairRule, Visibility
from recommender.curation.pair_rules import rule_unlike
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
RULES = "admin:catalog_pairrule_changelist"


@pytest.fixture
def curator(client):
    user = make_user(Role.CURATOR)
    client.force_login(user)
    return user


def test_rules_are_listed_with_who_made_them_and_deleted(client, curator):
    rule_unlike(curator, make_track(title="The seed"), make_track(title="The other"))
    rule = PairRule.objects.get()
    page = client.get(reverse(RULES)).content.decode()
    for shown in ("Pairs that are not similar", "The seed", "The other", curator.username):
        assert shown in page
    assert "The other" in client.get(reverse("admin:catalog_pairrule_change", args=[rule.pk])).content.decode()
    address = reverse("admin:catalog_pairrule_delete", args=[rule.pk])
    assert client.get(address).status_code == 200
    client.post(address, {"post": "yes"})
    assert not PairRule.objects.exists()


def test_several_are_deleted_at_once(client, curator):
    for _ in range(3):
        rule_unlike(curator, make_track(), make_track())
    chosen = list(PairRule.objects.values_list("pk", flat=True)[:2])
    client.post(reverse(RULES), {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert PairRule.objects.count() == 1


def test_a_rule_about_a_hidden_track_is_not_there(client, curator):
    rule_unlike(make_user(Role.ADMIN), make_track(title="Secret", visibility=Visibility.PRIVATE), make_track())
    rule = PairRule.objects.get()
    assert "Secret" not in client.get(reverse(RULES)).content.decode()
    client.post(reverse("admin:catalog_pairrule_delete", args=[rule.pk]), {"post": "yes"})
    assert PairRule.objects.exists()


def test_nothing_is_made_or_changed_by_form(client, curator):
    rule_unlike(curator, make_track(), make_track())
    change = reverse("admin:catalog_pairrule_change", args=[PairRule.objects.get().pk])
    assert client.post(change, {}).status_code == 403
    assert client.get(reverse("admin:catalog_pairrule_add")).status_code == 403
