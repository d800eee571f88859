from tests.caledee.account_pages.conftest import now

__all__ = ["now"]
