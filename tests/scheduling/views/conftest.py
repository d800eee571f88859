import pytest
import time_machine

from tests.support.times import NOW


@pytest.fixture(autouse=True)
def now():
    """Freeze the clock on a Monday morning."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def clock(now):
    """A clock to move with `clock.move_to(moment)`."""
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller
