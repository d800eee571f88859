"""Invalid requests of browsers and scanners are logged as requests, and not as errors."""

import http.client
import json
import re
import socket

import pytest
from django.urls import NoReverseMatch, reverse

from tests.authority.matrix import ROWS
from tests.support.demo_process import wait_until
from tests.support.serving import Serving, Visitor, own_database

pytestmark = pytest.mark.django_db

PART = b'--x\r\nContent-Disposition: form-data; name="name"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
UPLOADS = {
    "a file": (PART + b"\x89PNG" * 100 + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    "ten files": ((PART + b"x\r\n") * 10 + b"--x--\r\n", "multipart/form-data; boundary=x"),
    "a large file": (PART + b"x" * 3_000_000 + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    "a broken one": (PART, "multipart/form-data; boundary=x"),
    "no boundary": (PART, "multipart/form-data"),
    "a large form": (b"name=" + b"x" * 1_000_000, "application/x-www-form-urlencoded"),
    "too many fields": (b"&".join([b"name=x"] * 1_000), "application/x-www-form-urlencoded"),
}
PUBLIC = ["/", "/healthz", "/robots.txt", "/ada/", "/ada/intro/", "/nobody/", "/static/css/none.css", "/admin/"]


def addresses_without_parts() -> list[str]:
    found = []
    for name in {row.name for row in ROWS}:
        try:
            found.append(reverse(name))
        except NoReverseMatch:
            continue
    return sorted(found)


@pytest.fixture(scope="module")
def serving(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), own_database("quiet") as url:
        serving = Serving(url)
        serving.make_people()
        serving.start("--workers", "1")
        yield serving
        serving.stop()


def logged(serving) -> list[dict]:
    return [json.loads(line) for line in serving.said.splitlines()]


def noise(serving) -> list[tuple[str, str, str]]:
    return [
        (line["level"], line["logger"], line["message"])
        for line in logged(serving)
        if line["level"] not in {"INFO", "DEBUG"}
    ]


def answered(serving) -> int:
    return sum(line["logger"] == "caledee.requests" for line in logged(serving))


def test_head_requests_make_no_noise(serving):
    ada, before = Visitor(serving), noise(serving)
    ada.sign_in("ada@example.com")
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in ada.cookies)
    statuses = set()
    line = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    for cookie in ["", cookies]:
        for address in [*addresses_without_parts(), *PUBLIC]:
            line.request("HEAD", address, headers={"Cookie": cookie})
            answer = line.getresponse()
            assert answer.read() == b""
            statuses.add(answer.status)
    line.close()

    assert statuses == {200, 302, 404, 405}
    assert noise(serving) == before


@pytest.mark.parametrize("kind", UPLOADS)
def test_refused_uploads_make_no_noise(serving, kind):
    body, content_type = UPLOADS[kind]
    visitor, before = Visitor(serving), noise(serving)
    secret = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', visitor.get("/accounts/login/")[2])[1]
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.cookies)
    headers = {"Content-Type": content_type, "Cookie": cookies, "X-CSRFToken": secret}
    statuses = set()
    for address in ["/accounts/login/", "/ada/intro/", "/one-offs/new/", "/healthz", "/nobody/"]:
        line = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
        line.request("POST", address, body, headers)
        answer = line.getresponse()
        answer.read()
        statuses.add(answer.status)
        line.close()

    assert statuses == {400, 405}
    assert noise(serving) == before


def test_a_client_that_goes_away_makes_no_noise(serving):
    before, count = noise(serving), answered(serving)
    for text in [
        "GET /ada/intro/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n",
    ]:
        with socket.create_connection(("127.0.0.1", serving.port), timeout=20) as line:
            line.sendall(text.encode())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    # Of those that go away, some are answered and some are not; the request after them is.
    with socket.create_connection(("127.0.0.1", serving.port), timeout=20) as line:
        line.sendall(b"GET /ada/intro/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        while line.recv(65536):
            pass
    wait_until(lambda: answered(serving) > count, what="the last request answered")

    assert noise(serving) == before
