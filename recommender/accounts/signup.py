"""The form with which people make themselves an account, where the installation allows it."""

from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group
from django.db import transaction

from recommender.accounts.models import Role, User


class SignUpForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("username",)


@transaction.atomic
def create_account(form: SignUpForm) -> User:
    """A new account listens; a curator or admin may make it an uploader."""
    user: User = form.save()
    user.groups.add(Group.objects.get(name=Role.LISTENER.label))
    return user
