import shutil

import pytest
from django.utils import timezone

from embeddings.encoders import list_encoders, use_folder
from embeddings.encoders.installing import Order, install_from_files
from recommender.catalog.models import Space
from recommender.conf import Analysis
from recommender.operations.errors import PreparationFailedError
from recommender.operations.spaces import choose_encoder, prepare_space
from recommender.similarity.spaces import active_space, chosen_space
from tests.embeddings.encoders.published import musicnn_weights, write_onnx

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    return write_onnx(tmp_path_factory.mktemp("graph") / "graph.onnx", musicnn_weights())


@pytest.fixture
def home(tmp_path, graph):
    """A folder of installed encoders that holds one, `mine`."""
    install_from_files(tmp_path, Order(family="musicnn", name="mine", licence="ISC", source="a test"), [graph])
    before = use_folder(tmp_path)
    yield tmp_path
    use_folder(before)


@pytest.fixture
def configure(settings):
    """Set SOUNDALIKE_ENCODER."""

    def set_encoder(name):
        settings.ANALYSIS = Analysis(encoder=name, max_duration_seconds=3600)

    return set_encoder


def test_the_shipped_encoder_by_default(home):
    prepare_space(print)
    assert [space.encoder_name for space in Space.objects.all()] == ["compact"]


def test_the_configured_encoder_fills_beside_the_active_one(home, configure):
    prepare_space(print)
    configure("mine")
    prepare_space(print)
    assert (active_space().encoder_name, chosen_space().encoder_name) == ("compact", "mine")
    assert chosen_space().dimension == 200


def test_a_choice_lasts_over_the_next_start(home):
    prepare_space(print)
    chosen = choose_encoder("mine")
    prepare_space(print)
    assert chosen_space() == chosen
    choose_encoder("compact")
    prepare_space(print)
    assert chosen_space().encoder_name == "compact"


def test_the_choice_of_an_encoder_that_is_missing_now_stays_and_is_told(home):
    prepare_space(print)
    mine = choose_encoder("mine")
    home.rename(home.with_name("elsewhere"))
    said = []
    prepare_space(said.append)
    assert chosen_space() == mine
    (warning,) = said
    assert "the encoder in use, mine" in warning
    assert "choose_encoder compact" in warning
    home.with_name("elsewhere").rename(home)
    prepare_space(said.append)
    assert (chosen_space(), len(said)) == (mine, 1)


def test_of_an_encoder_that_is_missing_only_a_setting_or_a_person_chooses_another(home, configure):
    prepare_space(print)
    choose_encoder("mine")
    shutil.rmtree(home / "mine")
    assert choose_encoder("compact").encoder_name == "compact"
    Space.objects.filter(encoder_name="mine").update(chosen_at=timezone.now())
    configure("compact")
    prepare_space(print)
    assert chosen_space().encoder_name == "compact"


def test_new_weights_of_the_chosen_encoder_are_chosen_at_the_next_start(home):
    Space.objects.create(signature="of older weights", encoder_name="mine", dimension=200, is_active=True)
    prepare_space(print)
    wanted = next(card for card in list_encoders() if card.name == "mine")
    assert chosen_space().signature == wanted.signature


def test_a_choice_against_the_settings_is_refused(home, configure):
    configure("compact")
    with pytest.raises(PreparationFailedError, match="SOUNDALIKE_ENCODER names compact"):
        choose_encoder("mine")
    assert not Space.objects.exists()
    configure("mine")
    assert choose_encoder("mine").encoder_name == "mine"


def test_an_encoder_that_is_not_there_is_named_with_those_that_are(home, configure):
    with pytest.raises(PreparationFailedError, match="nonesuch; there are: compact, mine"):
        choose_encoder("nonesuch")
    configure("nonesuch")
    with pytest.raises(PreparationFailedError, match="SOUNDALIKE_ENCODER"):
        prepare_space(print)
