from wsgiref.util import setup_testing_defaults

import pytest

from caledee.wsgi import application, refuse_other_charsets


def ask(application, **environ):
    """Return status and body of the response to a request from the web server."""
    setup_testing_defaults(environ)
    answers = []
    body = b"".join(application(environ, lambda status, _headers: answers.append(status)))
    return answers, body


def answer_ok(environ, start_response):
    start_response("200 OK", [])
    return [b"ok"]


@pytest.mark.parametrize("charset", ["hex", "rot13", "idna", "utf-7", "unicode_escape", "undefined", '"hex"', "none"])
def test_another_charset_than_utf_8_is_refused(charset):
    kind = f"multipart/form-data; boundary=x; charset={charset}"

    answer = ask(application, REQUEST_METHOD="POST", CONTENT_TYPE=kind, QUERY_STRING="slot=%41")

    assert answer == (["400 Bad Request"], b"Caledee reads UTF-8 only. Nothing was changed.\n")


@pytest.mark.parametrize("kind", ["", "text/plain", "text/plain; charset=utf-8", "text/plain; charset=UTF-8"])
def test_utf_8_is_passed_on(kind):
    assert ask(refuse_other_charsets(answer_ok), CONTENT_TYPE=kind) == (["200 OK"], b"ok")
