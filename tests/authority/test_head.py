"""HEAD, which link checkers and scanners send, at every address."""

import logging

import pytest
from django.urls import reverse

from tests.authority.matrix import ROWS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("row", {row.name: row for row in ROWS}.values(), ids=lambda row: row.name)
def test_head_is_answered_everywhere_without_noise(world, caplog, row):
    address = reverse(row.name, args=row.arguments(world.things))

    with caplog.at_level(logging.DEBUG, logger="caledee.requests"):
        statuses = {client.head(address).status_code for client in map(world.browser_of, ["anonymous", "himself"])}

    assert statuses <= {200, 302, 303, 304, 403, 404, 405, 410}
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
