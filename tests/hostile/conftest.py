from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client

from tests.authority.world import World, undone, world
from tests.hostile.visitors import make_visitors
from tests.hostile.wire import Visitor, serving

__all__ = ["world"]


@dataclass(frozen=True)
class Site:
    """The site and everyone on it."""

    world: World
    clients: dict[str, Client]
    visitors: dict[str, Visitor]


@pytest.fixture(scope="package")
def site(world) -> Iterator[Site]:
    with undone(), serving() as port:
        clients = make_visitors(world)
        visitors = {who: Visitor.like(client, port) for who, client in clients.items()}
        yield Site(world, clients, visitors)
        for visitor in visitors.values():
            visitor.connection.close()
        connection.check_constraints()
