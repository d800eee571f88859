import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from caledee.accounts.models import Invitation, User
from caledee.accounts.plan_holders import find_plan_holder
from caledee.accounts.signin.forms import AccountMailboxField
from caledee.email.addresses import MailboxField, read_address
from scheduling.forms.bookings import MeetingSearchForm
from scheduling.models import Booking
from tests.caledee.accounts.steps import LOGIN, is_signed_in
from tests.factories import DANA, book_intro, make_one_off
from tests.support.times import NOW


@pytest.fixture
def now():
    with time_machine.travel(NOW, tick=False):
        yield NOW


ROOT = {"name": "Root", "handle": "root-1", "time_zone": "Europe/London"}
PASTED = [
    "dana@example.com",
    "  dana@example.com\t",
    "\u00a0dana@example.com\u202f",
    "\u200bdana@exam\u200bple.com\u2060",
    "\ufeffdana@example.com",
    "\u202adana@example.com\u202c",
    "\u2066dana@example.com\u2069",
    "\u200edana@example.com\u200f",
    "da\u00adna@example.com",
    "\u3164dana@example.com\u2800",
    "<dana@example.com>",
    "< dana@example.com >",
    "Dana Scott <dana@example.com>",
    '"Scott, Dana" <dana@example.com>;',
    "Dana <mailto:dana@example.com>",
    "mailto:dana@example.com",
    "MAILTO:dana%40example.com?subject=Hello&cc=eve@example.com",
    "mailto:<dana@example.com>",
    '"dana@example.com"',
    "'dana@example.com'",
    "“dana@example.com”",
    "«\u00a0dana@example.com\u00a0»",
    "(dana@example.com)",
    "dana@example.com,",
    "dana@example.com; ",
    "dana@example.com.",
    "'<dana@example.com>',",
    "dana@example.com\r\n",
]


@pytest.mark.parametrize("pasted", PASTED)
def test_pasted_address_is_understood(pasted):
    assert read_address(pasted) == MailboxField().clean(pasted) == "dana@example.com"


@pytest.mark.parametrize(
    "address",
    [
        "o'brien+work@example.com",
        '"a;b,c"@example.com',
        "50%?x=y@example.com",
        "mailto@example.com",
        "'dana@example.com",
        "dana@bücher.example",
        "D.Scott@Example.com",
    ],
)
def test_odd_address_stays_what_it_is(address):
    assert read_address(address) == address


@pytest.mark.parametrize(
    "typed",
    [
        "dana@example.com, eve@example.com",
        '"Dana" <dana@example.com>, eve@example.com',
        "Dana <dana@example.com> <eve@example.com>",
        "<<dana@example.com>",
        "dana at example.com",
        "da na@example.com",
        "da\u00a0na@example.com",
        "da\x00na@example.com",
        "\x07dana@example.com",
        "Dana <>",
        "mailto:",
        "mailto:a%0Ab@example.com",
        "daŉa@example.com",
        "\u200b",
    ],
)
def test_what_is_no_single_address_is_refused(typed):
    with pytest.raises(ValidationError):
        MailboxField().clean(typed)


@given(st.text(max_size=60))
def test_reading_twice_changes_nothing_more_in_what_is_an_address(text):
    once = read_address(text)
    if "@" in once:
        assert read_address(once) == once or len(read_address(once)) < len(once)
    assert once == once.strip()


def test_an_account_is_known_by_a_pasted_address(db, client, ada):
    client.post(LOGIN, {"login": "\u200bAda <ADA@example.com>;", "password": "caledee-demo"})

    assert is_signed_in(client)
    assert AccountMailboxField().clean(" Ada <ADA@Example.com>") == "ada@example.com"
    assert find_plan_holder("\ufeffAda@example.com") == ada
    assert User.objects.get_by_natural_key("mailto:ada@example.com") == ada


def test_the_first_administrator_is_made_with_a_pasted_address(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "orbit-the-earth-5")

    call_command("createsuperuser", "--noinput", email="\u200bRoot <root@example.com>", **ROOT)

    assert User.objects.get().email == "root@example.com"


def test_a_booking_is_made_and_found_by_a_pasted_address(client, ada, now):
    typed = {"name": "Dana", "email": " “dana@example.com”, ", "time_zone": "Europe/Paris"}
    link = make_one_off(ada, "10:00").link

    time = link.one_off.proposed_times.get()
    assert client.post(link.get_absolute_url(), typed | {"slot": str(time.pk)}).status_code == 302

    assert Booking.objects.get().invitee_email == "dana@example.com"
    assert MeetingSearchForm({"invitee": "Dana <dana@example.com>"}).sought == "dana@example.com"
    assert MeetingSearchForm({"invitee": "(Dana)"}).sought == "(Dana)"


def test_invitations_go_to_a_pasted_address(client, ada, organization, now):
    client.force_login(ada)

    client.post(f"/team/{organization.pk}/invite/", {"email": "Dana <dana@example.com>,", "role": "member"})

    assert [each.email for each in Invitation.objects.all()] == ["dana@example.com"]


def test_lists_of_the_admin_site_are_searched_by_a_pasted_address(client, ada):
    User.objects.filter(pk=ada.pk).update(is_staff=True, is_superuser=True)
    client.force_login(ada)
    book_intro(ada, "2026-12-01 09:00")

    for address, sought in [
        ("accounts/user", "Ada <ada@example.com>"),
        ("account/emailaddress", "mailto:ada@example.com"),
        ("scheduling/booking", "\u200bada@example.com;"),
    ]:
        response = client.get(f"/admin/{address}/", {"q": sought})
        assert response.context["cl"].result_count == 1, address


def test_the_admin_site_reads_addresses_as_everyone_does(client, ada):
    User.objects.filter(pk=ada.pk).update(is_staff=True, is_superuser=True)
    client.force_login(ada)
    form = client.get(f"/admin/accounts/user/{ada.pk}/change/").context["adminform"].form

    assert (type(form.fields["email"]), form.fields["email"].widget.input_type) == (MailboxField, "text")


def test_no_browser_refuses_what_is_understood(client, ada, now):
    """An input of type email takes no name and no invisible character."""
    link = make_one_off(ada, "10:00", invitee_email=DANA.email).link
    pages = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/ada/intro/", link]
    for page in pages:
        text = client.get(page if isinstance(page, str) else page.get_absolute_url(), follow=True).text
        assert 'type="email"' not in text, page
    client.force_login(ada)
    for page in ["/one-offs/new/", "/meetings/"]:
        assert 'type="email"' not in client.get(page).text, page
