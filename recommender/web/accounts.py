"""Signing in, out and up."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from recommender.accounts.signup import SignUpForm, create_account
from recommender.web.context import site


class SignIn(LoginView):
    """Django's own, which would put the host it serves in the place of our `site`."""

    template_name = "sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        return {**super().get_context_data(**given), **site(self.request)}


sign_in = SignIn.as_view()
sign_out = LogoutView.as_view()


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if not settings.ACCESS.open_signup:
        raise Http404("accounts are made by an administrator here")
    if request.user.is_authenticated:
        return redirect("home")
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        login(request, create_account(form))
        return redirect("home")
    return render(request, "sign_up.html", {"form": form})
