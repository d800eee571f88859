"""Bodies that no browser sends, sent over a socket to the real server."""

import http.client
from contextlib import closing
from urllib.parse import urlsplit

import pytest

FORM = "application/x-www-form-urlencoded"
TOO_LARGE = b"name=" + b"x" * 20_000_000
TOO_MANY_FIELDS = b"&".join(b"name=x" for _ in range(10_000))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TOO_LARGE, FORM),
        (TOO_MANY_FIELDS, FORM),
        (b"--x\r\nbroken", "multipart/form-data"),
    ],
    ids=["too-large", "too-many-fields", "broken-parts"],
)
@pytest.mark.parametrize("address", ["/ada/intro/", "/accounts/login/"])
def test_a_body_that_cannot_be_read_gets_a_page_that_says_so(demo_server, address, body, content_type):
    with closing(http.client.HTTPConnection(urlsplit(demo_server.url).netloc, timeout=20)) as connection:
        connection.request("GET", address)
        visit = connection.getresponse()
        # Invitees' pages set none.
        cookie = visit.headers.get("Set-Cookie", "").split(";")[0]
        visit.read()
        connection.request("POST", address, body, {"Content-Type": content_type, "Cookie": cookie})
        response = connection.getresponse()
        page = response.read().decode()

    assert (response.status, "<h1>We couldn't process that request</h1>" in page) == (400, True)
