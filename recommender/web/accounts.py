"""Signing in, out and up."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from recommender.accounts.signup import SignUpForm, create_account

sign_in = LoginView.as_view(template_name="sign_in.html", redirect_authenticated_user=True)
sign_out = LogoutView.as_view()


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if not settings.ACCESS.open_signup:
        raise Http404("accounts are made by an administrator here")
    if request.user.is_authenticated:
        return redirect("library")
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        login(request, create_account(form))
        return redirect("library")
    return render(request, "sign_up.html", {"form": form})
