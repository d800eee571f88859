"""An account that is confirmed while the worker deletes unconfirmed ones."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from caledee.accounts.models import User
from caledee.upkeep.unconfirmed import KEPT_UNCONFIRMED, delete_unconfirmed
from tests.caledee.accounts.steps import KATHERINE, SIGNUP, VERIFY, code_emailed_to, is_signed_in
from tests.races.racing import race
from tests.races.test_one_link import ROUNDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("attempt", ROUNDS)
def test_account_is_confirmed_or_deleted_and_nobody_gets_an_error(mailoutbox, attempt):
    browser = Client()
    browser.post(SIGNUP, KATHERINE)
    code = code_emailed_to(KATHERINE["email"], mailoutbox)
    later = User.objects.get().date_joined + KEPT_UNCONFIRMED + timedelta(seconds=1)

    outcome = race(
        [lambda: browser.post(VERIFY, {"code": code}).status_code, lambda: delete_unconfirmed(now=later) == 1]
    )

    deleted = True in outcome.won
    assert len(outcome.won) == 2
    assert User.objects.exists() == EmailAddress.objects.filter(verified=True).exists() == is_signed_in(browser)
    assert User.objects.exists() != deleted
