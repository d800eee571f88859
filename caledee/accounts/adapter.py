"""How allauth makes our accounts."""

from allauth.account.adapter import DefaultAccountAdapter
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from caledee.accounts.forms import SignupForm
from caledee.accounts.handles import propose_handle
from caledee.accounts.models import User

HANDLE_TRIES = 5


class EmailTaken(Exception):
    """Somebody signed up with this e-mail while this form was on its way."""


class AccountAdapter(DefaultAccountAdapter):
    def save_user(self, request: HttpRequest, user: User, form: SignupForm, commit: bool = True) -> User:
        """A new account with a handle of its own, also where several people of one name sign up at once.

        Raises EmailTaken.
        """
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data["name"]
        user.time_zone = form.cleaned_data["time_zone"]
        for tries_left in reversed(range(HANDLE_TRIES)):
            user.handle = _free_handle(user.name)
            try:
                with transaction.atomic():
                    user.save()
                break
            except IntegrityError:
                if User.objects.filter(email__iexact=user.email).exists():
                    raise EmailTaken from None
                if not tries_left:
                    raise
        return user

    def is_ajax(self, request: HttpRequest) -> bool:
        """Accounts are pages for people: no form answers in JSON."""
        return False


def _free_handle(name: str) -> str:
    first = propose_handle(name, taken=frozenset())
    similar = User.objects.filter(handle__startswith=first.removesuffix("-2"))
    return propose_handle(name, taken=set(similar.values_list("handle", flat=True)))
