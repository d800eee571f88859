"""Proof that the accessibility check of the journeys finds what is wrong."""

import pytest

from tests.journeys.steps import expect_accessible

PALE = "document.querySelector('h1').style.color = 'light-dark(#ddd, #fff)'"
DIM = "document.querySelector('h1').style.color = 'light-dark(#000, #222)'"
UNLABELED = "document.querySelector('[name=password]').labels[0].remove()"


@pytest.mark.parametrize(
    ("harm", "found"),
    [(PALE, r"\(light\): \[\('color-contrast'"), (DIM, r"\(dark\): \[\('color-contrast'"), (UNLABELED, r"\('label'")],
    ids=["pale-in-light", "dim-in-dark", "no-label"],
)
def test_accessibility_check_finds_what_is_wrong(visit, harm, found):
    page = visit("Europe/London")
    page.goto("/accounts/login/")

    page.evaluate(harm)

    with pytest.raises(AssertionError, match=found):
        expect_accessible(page)
