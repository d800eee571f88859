from tests.scheduling.views.conftest import browser_of, clock, now

__all__ = ["browser_of", "clock", "now"]
