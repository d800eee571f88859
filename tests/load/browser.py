"""A browser without a window: it keeps cookies, sends CSRF tokens, and follows no redirects."""

import http.client
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

PATIENCE = 30  # seconds: a web server that was killed is back by then
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')

Fields = Mapping[str, str | Sequence[str]]


class AnswerLost(Exception):
    """The connection broke or timed out during or after the request."""


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    query: str
    text: str


@dataclass
class Browser:
    """One person's browser, with a new connection for each request. `port` can change when a server restarts."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, path: str) -> Answer:
        answer = self._ask("GET", path, None)
        if found := TOKEN.search(answer.text):
            self.token = found[1]
        return answer

    def post(self, path: str, fields: Fields) -> Answer:
        """Send the token of the last form that was shown."""
        return self._ask("POST", path, urlencode({**fields, "csrfmiddlewaretoken": self.token}, doseq=True))

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the form. Raise AnswerLost if it was interrupted; it can be repeated."""
        self.get("/accounts/login/")
        answer = self.post("/accounts/login/", {"login": email, "password": password})
        if answer.status != 302 or "sessionid" not in self.cookies:
            raise AnswerLost(f"not signed in: {answer.status}")
        self.get("/one-offs/new/")

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Connection": "close", "Cookie": "; ".join(f"{name}={v}" for name, v in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise AnswerLost(type(error).__name__) from error
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()
        location = urlsplit(response.headers.get("Location", ""))
        return Answer(response.status, location.path, location.query, text)
