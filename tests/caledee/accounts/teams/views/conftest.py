from tests.scheduling.views.conftest import clock, now

__all__ = ["clock", "now"]
