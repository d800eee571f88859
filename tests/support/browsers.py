"""A test client that signs people in with a single query."""

from uuid import uuid4

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client

from caledee.accounts.models import User
from caledee.web.sessions import SessionStore


class Browser(Client):
    def force_login(self, user: User, backend: str | None = None) -> None:
        """Start a session of `user`. Unlike a real sign-in, it sends no signals and leaves `last_login` alone."""
        store = SessionStore()
        signed_in = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: backend or settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        session = Session.objects.create(
            session_key=uuid4().hex, session_data=store.encode(signed_in), expire_date=store.get_expiry_date()
        )
        self.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def browser_of(user: User) -> Browser:
    """Return a browser in which `user` is signed in."""
    browser = Browser()
    browser.force_login(user)
    return browser
