"""Addresses of feeds are secrets: errors and logs name the host and nothing else."""

import logging
import traceback
from datetime import timedelta

import pytest

from caledee.outgoing import Login, RequestFailed, anywhere, parse_address, request
from tests.support.scripted import ending, reply, serving, silent

SECRETS = ["s3cretpath", "s3cretquery", "s3cretuser", "s3cretpass", "s3cretheader", "s3cretplace"]
FAILING = {
    "malformed": ("https://s3cretuser:s3cretpass@[::1/s3cretpath", reply()),
    "refused": ("http://s3cretuser:s3cretpass@10.0.0.1/s3cretpath?s3cretquery", reply()),
    "port": ("http://s3cretuser:s3cretpass@127.0.0.1:25/s3cretpath?s3cretquery", reply()),
    "slow": ("", silent),
    "broken": ("", ending(b"s3cretheader")),
    "cut off": ("", ending(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")),
    "too large": ("", reply(body=bytes(2000))),
    "unknown encoding": ("", reply(body=b"x", Content_Encoding="s3cretheader")),
    "looping": ("", reply("302 Found", Location="/s3cretplace?s3cretquery")),
    "leading astray": ("", reply("302 Found", Location="http://10.0.0.1/s3cretplace")),
    "leading nowhere": ("", reply("302 Found", Location="http://[s3cretplace")),
}


OF_SERVER = ("/s3cretpath?s3cretquery", "s3cretuser:s3cretpass@127.0.0.1")
HEADERS = {"X-Key": "s3cretheader"}


def ask(url, **rest):
    return request("GET", url, headers=HEADERS, max_bytes=1000, deadline=timedelta(seconds=0.3), **rest)


@pytest.mark.parametrize("case", FAILING)
def test_an_error_and_what_is_logged_contain_no_secret(case, caplog):
    url, script = FAILING[case]
    caplog.set_level(logging.DEBUG)

    with serving(script) as server, pytest.raises(RequestFailed) as raised:
        ask(url or server.url(*OF_SERVER), allow_redirect_to=anywhere)

    shown = [repr(raised.value), *map(str, vars(raised.value).values()), *traceback.format_exception(raised.value)]
    assert found_in("".join(shown)) == []
    assert found_in(caplog.text) == []


def test_an_answer_and_what_is_logged_contain_no_secret(caplog):
    caplog.set_level(logging.DEBUG)

    with serving(reply(body=b"s3cretbody", ETag="s3cretheader")) as server:
        answer = ask(server.url("/s3cretpath?s3cretquery"), auth=Login("s3cretuser", "s3cretpass"))

    assert repr(answer) == "Answer(status=200)"
    assert found_in(caplog.text) == []


def test_a_parsed_address_does_not_show_its_secrets():
    address = parse_address("https://s3cretuser:s3cretpass@calendar.example/s3cretpath?s3cretquery")

    assert "calendar.example" in repr(address)
    assert found_in(repr(address)) == []


def found_in(text):
    return [secret for secret in SECRETS if secret in text]
