import pytest
import time_machine

from tests.support.times import NOW


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield NOW
