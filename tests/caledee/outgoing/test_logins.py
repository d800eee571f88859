"""User names and passwords: Basic and Digest, and which of them is sent when."""

import hashlib
from datetime import timedelta
from urllib.request import parse_http_list, parse_keqv_list

import pytest

from caledee.outgoing import AnswerBroken, Login, Network, Session, request
from tests.support.certificates import Authority
from tests.support.scripted import reply, serving

SECOND = timedelta(seconds=5)
ADA = Login("ada", "pass")
BASIC = "Basic YWRhOnBhc3M="
DIGEST = 'Digest realm="BaikalDAV", qop="auth", nonce="{}", opaque="5ccc"'


def challenge(*challenges):
    lines = [f"WWW-Authenticate: {each}" for each in challenges]
    return "\r\n".join(["HTTP/1.1 401 Unauthorized", "Content-Length: 0", *lines, "", ""]).encode()


def ask(url, *, auth=ADA, method="PROPFIND", network=None, **rest):
    return request(method, url, auth=auth, max_bytes=1000, deadline=SECOND, network=network, **rest)


def sent_logins(server):
    return [each.headers.get("authorization") for each in server.requests]


def check_digest(request, *, nonce, count, hash_name="md5", password="pass"):
    """Compute the response as RFC 7616, section 3.4.1, defines it, and compare."""
    scheme, _, fields = request.headers["authorization"].partition(" ")
    said = parse_keqv_list(parse_http_list(fields))

    def hashed(*parts):
        return hashlib.new(hash_name, ":".join(parts).encode()).hexdigest()

    secret = hashed(said["username"], said["realm"], password)
    what = hashed(request.method, request.target)
    assert scheme == "Digest"
    assert (said["username"], said["nonce"], said["uri"], said["nc"]) == ("ada", nonce, request.target, count)
    assert said["response"] == hashed(secret, nonce, count, said["cnonce"], "auth", what)


@pytest.mark.parametrize("asking", ['Basic realm="x", charset="UTF-8"', "basic"])
def test_by_http_basic_is_sent_only_if_the_server_asks_for_it(asking):
    with serving(challenge(asking), reply(body=b"in")) as server:
        assert ask(server.url()).body == b"in"

    assert sent_logins(server) == [None, BASIC]


def test_by_https_basic_is_sent_at_once():
    authority = Authority()
    network = Network(tls=lambda: authority.client)

    with serving(reply(body=b"in"), tls=authority.server("127.0.0.1")) as server:
        assert ask(server.url(), network=network).body == b"in"

    assert sent_logins(server) == [BASIC]


def test_a_session_asks_only_once_how_to_sign_in():
    with serving(challenge('Basic realm="x"'), reply()) as server, Session() as session:
        for _ in range(3):
            session.request("PROPFIND", server.url(), auth=ADA, max_bytes=10, deadline=SECOND)

    assert sent_logins(server) == [None, BASIC, BASIC, BASIC]


def test_digest_never_sends_the_password():
    with serving(challenge(DIGEST.format("n1")), reply(body=b"in")) as server:
        assert ask(server.url("/dav.php/a?b=c"), body=b"<x/>").body == b"in"

    first, second = server.requests
    assert "authorization" not in first.headers
    assert (second.method, second.body) == ("PROPFIND", b"<x/>")
    check_digest(second, nonce="n1", count="00000001")


def test_digest_by_sha_256():
    with serving(challenge(DIGEST.format("n1") + ", algorithm=SHA-256"), reply()) as server:
        ask(server.url())

    check_digest(server.requests[1], nonce="n1", count="00000001", hash_name="sha256")


def test_a_session_answers_a_known_challenge_at_once():
    with serving(challenge(DIGEST.format("n1")), reply()) as server, Session() as session:
        for path in ("/1", "/2", "/3"):
            session.request("PROPFIND", server.url(path), auth=ADA, max_bytes=10, deadline=SECOND)

    assert [each.target for each in server.requests] == ["/1", "/1", "/2", "/3"]
    for number, each in enumerate(server.requests[1:], 1):
        check_digest(each, nonce="n1", count=f"{number:08x}")


def test_a_challenge_that_has_expired_is_answered_anew():
    replies = [challenge(DIGEST.format("n1")), reply(), challenge(DIGEST.format("n2") + ", stale=true"), reply()]

    with serving(*replies) as server, Session() as session:
        for _ in range(2):
            session.request("PROPFIND", server.url(), auth=ADA, max_bytes=10, deadline=SECOND)

    check_digest(server.requests[3], nonce="n2", count="00000001")


@pytest.mark.parametrize(
    "challenges",
    [
        ['Basic realm="x"', DIGEST.format("n1")],
        [DIGEST.format("n1"), 'Basic realm="x"'],
        [f'Basic realm="x", {DIGEST.format("n1")}'],
        [f'Negotiate, Bearer realm="x", {DIGEST.format("n1")}'],
    ],
)
def test_digest_is_preferred_if_the_server_offers_several_ways(challenges):
    with serving(challenge(*challenges), reply()) as server:
        ask(server.url())

    check_digest(server.requests[1], nonce="n1", count="00000001")


@pytest.mark.parametrize("offered", ['Basic realm="x"', DIGEST.format("n1")])
def test_a_wrong_password_is_an_answer_and_not_sent_again(offered):
    with serving(challenge(offered)) as server:
        answer = ask(server.url())

    assert answer.status == 401
    assert len(server.requests) == 2


@pytest.mark.parametrize("offered", ["Bearer", 'Negotiate realm="x"', "Digestive x=y", "Digest", ""])
def test_an_unknown_way_to_sign_in_is_not_answered(offered):
    with serving(challenge(offered)) as server:
        assert ask(server.url()).status == 401

    assert sent_logins(server) == [None]


@pytest.mark.parametrize(
    "offered", ["Digest x", 'Digest realm="x"', 'Digest realm="x", nonce="n", algorithm=ROT13', "Digest ="]
)
def test_a_challenge_that_can_not_be_read_is_no_answer(offered):
    with serving(challenge(offered)) as server, pytest.raises(AnswerBroken):
        ask(server.url())


def test_without_a_login_none_is_sent():
    with serving(challenge('Basic realm="x"')) as server:
        assert ask(server.url(), auth=None).status == 401

    assert sent_logins(server) == [None]


def test_a_login_in_the_address_is_taken_out_and_used():
    with serving(challenge('Basic realm="x"'), reply()) as server:
        answer = ask(server.url(host="ada:p%61ss@127.0.0.1"), auth=None)

    assert answer.url == server.url()
    assert sent_logins(server) == [None, BASIC]


def test_a_given_login_takes_precedence_over_the_one_in_the_address():
    with serving(challenge('Basic realm="x"'), reply()) as server:
        ask(server.url(host="other:one@127.0.0.1"))

    assert sent_logins(server) == [None, BASIC]
