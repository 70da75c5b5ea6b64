"""Who a session belongs to."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import Case, IntegerField, Max, When

from recommender.accounts.models import Role, User


class RoleBackend(ModelBackend):
    """Django's own, which reads what role somebody has together with who it is: every page asks for both."""

    def get_user(self, user_id: int) -> User | None:
        held = Case(
            *(When(groups__name=role.label, then=role.value) for role in Role),
            default=Role.LISTENER.value,
            output_field=IntegerField(),
        )
        user = User.objects.annotate(held_role=Max(held)).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
