"""Signing in with a user name and a password, in the way that the server asks for."""

import re
from collections.abc import Generator

import httpx2

from caledee.outgoing.addresses import Login
from caledee.outgoing.answers import Answer

UNAUTHORIZED = 401
BETWEEN_CHALLENGES = re.compile(r",\s*(?=(?:basic|bearer|digest|negotiate|ntlm)\b)", re.I)

Flow = Generator[httpx2.Request, httpx2.Response]


class NoLogin(httpx2.Auth):
    pass


class PasswordLogin(httpx2.Auth):
    """Basic or Digest. Remembers the challenge of Digest, so later requests of a session answer it at once.

    `at_once` sends Basic without being asked, which saves a request. Only for encrypted connections.
    """

    def __init__(self, login: Login, *, at_once: bool) -> None:
        self._basic = httpx2.BasicAuth(login.user, login.password)
        self._digest = httpx2.DigestAuth(login.user, login.password)
        self._at_once = at_once
        self._knows_challenge = False

    def auth_flow(self, request: httpx2.Request) -> Flow:
        if self._knows_challenge:
            yield from self._digest.auth_flow(request)
            return
        response = yield from self._first(request)
        if response.status_code != UNAUTHORIZED:
            return
        if _offers(response, "digest"):
            yield from self._answer_challenge(request, response)
        elif _offers(response, "basic") and not self._at_once:
            self._at_once = True
            yield from self._basic.auth_flow(request)

    def _first(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, httpx2.Response]:
        return (yield next(self._basic.auth_flow(request)) if self._at_once else request)

    def _answer_challenge(self, request: httpx2.Request, response: httpx2.Response) -> Flow:
        """Continue httpx2's flow after its first request, which was sent already."""
        flow = self._digest.auth_flow(request)
        next(flow)
        self._knows_challenge = True
        yield flow.send(response)


def challenge_of(answer: Answer) -> httpx2.Response:
    """Return what matters for signing in. Each challenge is a header of its own, as httpx2 expects them."""
    challenges = BETWEEN_CHALLENGES.split(answer.headers.get("www-authenticate", ""))
    return httpx2.Response(answer.status, headers=[("www-authenticate", each) for each in challenges])


def _offers(response: httpx2.Response, scheme: str) -> bool:
    """Return whether the server asks for this scheme. Without parameters, Digest can't be answered."""
    challenges = [each.lower().partition(" ") for each in response.headers.get_list("www-authenticate")]
    return any(name == scheme and (parameters or scheme != "digest") for name, _, parameters in challenges)
