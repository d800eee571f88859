import pytest

from tests.authority.matrix import ROWS, WHO, ask, our_addresses

pytestmark = pytest.mark.django_db


def test_every_address_has_a_row():
    assert {row.name for row in ROWS} == our_addresses()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_everyone_is_answered_as_they_should_be(world, row):
    answers = [ask(row, world.browser_of(who), world.things) for who in WHO]

    assert dict(zip(WHO, answers, strict=True)) == dict(zip(WHO, row.cells.split(), strict=True))
