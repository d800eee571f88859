import pytest

from scheduling.calendars.models import ConnectionKind
from scheduling.calendars.providers.registry import PROVIDERS
from tests.support.providers import ScriptedProvider


@pytest.fixture
def provider(monkeypatch):
    """What answers for all calendars of this test."""
    scripted = ScriptedProvider()
    for kind in ConnectionKind:
        monkeypatch.setitem(PROVIDERS, kind, scripted)
    return scripted
