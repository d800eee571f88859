"""The visitors who send forms, each at the step that shows their form."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from caledee.accounts.models import User
from caledee.locations import LocationKind
from scheduling.models import EventType
from tests.authority.world import World
from tests.caledee.accounts.steps import (
    KATHERINE,
    SIGNUP,
    code_emailed_to,
    recovery_codes_of,
    set_up_app,
    show_who_one_is,
    sign_in,
)
from tests.factories import make_person
from tests.support.browsers import browser_of
from tests.support.times import NOW

RESET = reverse("account_reset_password")
CODE = reverse("account_confirm_password_reset_code")


def make_visitors(world: World) -> dict[str, Client]:
    """Create the visitors by the names that the rows use."""
    clients = {"anonymous": Client()}
    for who, person in world.people.items():
        if person is not None:
            clients[who] = _known(person)
    clients["newcomer"] = browser_of(make_person("newcomer"))
    clients["without password"] = _without_password()
    clients |= _with_app()
    clients["signing up"] = Client()
    clients["signing up"].post(SIGNUP, KATHERINE | {"email": "signing-up@example.com"})
    clients |= _resetting()
    _let_alan_ask_where(world.things["alan"])
    return clients


def _known(person: User) -> Client:
    """Sign in, with a recent login."""
    client = browser_of(person)
    show_who_one_is(client, person)
    return client


def _without_password() -> Client:
    person = make_person("nameless")
    User.objects.filter(pk=person.pk).update(started_at=NOW)
    person.set_unusable_password()
    person.save()
    return browser_of(person)


def _with_app() -> dict[str, Client]:
    person = make_person("apper")
    User.objects.filter(pk=person.pk).update(started_at=NOW)
    client = browser_of(person)
    set_up_app(client)
    assert recovery_codes_of(person)
    at_second_step = Client()
    assert sign_in(at_second_step, person)["Location"] == reverse("mfa_authenticate")
    return {"with app": client, "second step": at_second_step}


def _resetting() -> dict[str, Client]:
    clients = {"resetting": Client(), "choosing a password": Client()}
    for client, handle in zip(clients.values(), ["forgetful", "hopeful"], strict=True):
        person = make_person(handle)
        assert EmailAddress.objects.filter(user=person, verified=True).exists()
        client.post(RESET, {"email": person.email})
    code = code_emailed_to("hopeful@example.com", mail.outbox)
    assert clients["choosing a password"].post(CODE, {"code": code}).status_code == 302
    return clients


def _let_alan_ask_where(alan: User) -> None:
    """Create an event type with every field for invitees."""
    EventType.objects.create(
        organizer=alan,
        name="Asking",
        slug="asking",
        duration=timedelta(minutes=30),
        location_kind=LocationKind.ASK_INVITEE,
        created_at=NOW,
    )
