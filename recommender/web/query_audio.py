"""Asking with a sound from outside: it is sent, listened to by a worker, compared, and forgotten."""

import uuid
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.queries import NoQueryError, NotHeard, Query, check_crowd, read_query, receive_query
from recommender.ingest.validate import (
    CheckedUpload,
    CheckingUploadHandler,
    StagedFile,
    check_room_on_disk,
    too_large,
)
from recommender.ingest.wake import prepare_listener
from recommender.similarity.by_sound import similar_to_sound
from recommender.similarity.errors import OtherSpaceError
from recommender.similarity.recommend import Wish
from recommender.similarity.sounds import Sound
from recommender.web.answers import problem, wants_json
from recommender.web.file_forms import ENVELOPE_BYTES, read_announced_size, take_files
from recommender.web.sound_facts import describe_sound, measure_sound
from recommender.web.wishes import read_wish

_OTHER_SPACE = gettext_noop("Music is compared in another way since you asked. Ask once more.")


@require_safe
@login_required
def ask(request: HttpRequest) -> HttpResponse:
    prepare_listener()
    return render(request, "ask.html", {"limits": settings.QUERIES})


# Exempt out here only: looking for the token reads the body, and these checks come before that.
@csrf_exempt
@require_POST
def ask_with_sound(request: HttpRequest) -> HttpResponse:
    """One file in the field `file`."""
    asker = _require_account(request)
    try:
        announced = read_announced_size(request)
        if announced > settings.QUERIES.max_bytes + ENVELOPE_BYTES:
            raise too_large(settings.QUERIES.max_bytes)
        check_room_on_disk(announced)
        check_crowd(asker)
    except UploadRefusedError as refusal:
        return _refuse(request, refusal)
    with take_files(request, CheckingUploadHandler(request, settings.QUERIES.max_bytes)):
        return _receive(request)


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    sounds = cast(list[CheckedUpload], request.FILES.getlist("file"))
    try:
        query = receive_query(_require_account(request), _check_single(sounds))
    except UploadRefusedError as refusal:
        return _refuse(request, refusal)
    if wants_json(request):
        return JsonResponse({"answer_url": reverse("ask_answer", args=[query.id])}, status=202)
    return redirect("ask_answer", query_id=query.id)


@require_safe
@login_required
def answer(request: HttpRequest, query_id: uuid.UUID) -> HttpResponse:
    """202 while it is being listened to. Scripts are told when that has ended, and look at the page then."""
    wish = read_wish(request.GET)
    try:
        heard = read_query(Query(cast(User, request.user).pk, query_id))
    except NoQueryError as error:
        raise Http404 from error
    if wants_json(request) and not isinstance(heard, NotHeard):
        return JsonResponse({"is_waiting": heard is None}, status=202 if heard is None else 200)
    if heard is None:
        return render(request, "ask_answer.html", {"is_waiting": True}, status=202)
    return _compare(request, heard, wish) if isinstance(heard, Sound) else _tell(request, heard)


def _compare(request: HttpRequest, sound: Sound, wish: Wish) -> HttpResponse:
    try:
        similar = similar_to_sound(sound, request.user, wish)
    except OtherSpaceError:
        return _tell(request, NotHeard("other_space", _OTHER_SPACE, is_our_fault=True))
    shown = {
        "sound": sound,
        "similar": similar,
        "facts": describe_sound(sound),
        "meters": measure_sound(sound),
    }
    return render(request, "ask_answer.html", shown)


def _tell(request: HttpRequest, why: NotHeard) -> HttpResponse:
    status = 503 if why.is_our_fault else 422
    if wants_json(request):
        return problem(why.code, why.told, status)
    return render(request, "ask_answer.html", {"why": why.told}, status=status)


def _check_single(sounds: list[CheckedUpload]) -> StagedFile:
    """Raises UploadRefusedError."""
    if len(sounds) != 1:
        raise UploadRefusedError("one_file", _("Choose one file first, or record something."), 400)
    return sounds[0].check()


def _require_account(request: HttpRequest) -> User:
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def _refuse(request: HttpRequest, refusal: UploadRefusedError) -> HttpResponse:
    if wants_json(request):
        return problem(refusal.code, str(refusal), refusal.status)
    messages.error(request, str(refusal))
    return redirect("ask")
