"""The clock stands at NOW in every test of a view, unless a test moves it on."""

import pytest
import time_machine

from tests.times import NOW


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller
