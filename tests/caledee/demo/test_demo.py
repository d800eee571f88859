"""The demo as people run it. Starting takes seconds, so the tests share a few starts on the same data."""

import os
import re
import signal
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import psycopg
import pytest

from caledee.ops.processes import command_line
from tests.support.demo_process import DemoProcess, alive, parents, remove_server, wait_until

MEETINGS = [
    ("Contract review", "kofi@example.org"),
    ("Intro call", "nora@example.net"),
    ("Intro call", "priya@example.net"),
    ("Intro call", "tomas@example.org"),
]
SIGN_INS = "Sign in as ada@example.com, grace@example.com, alan@example.com, mary@example.com"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A path with spaces, in a folder that others can't read."""
    closed = tmp_path_factory.mktemp("demo")
    closed.chmod(0o700)
    folder = closed / "data of the demo"
    yield folder
    remove_server(folder / "postgresql")


@pytest.fixture(scope="module")
def demo(folder):
    """A demo that runs for several tests. The last one kills it."""
    with DemoProcess(folder) as demo:
        demo.wait_until_ready()
        yield demo


def test_a_signal_stops_the_demo_while_it_starts(folder):
    with DemoProcess(folder) as demo:
        wait_until((folder / "run" / "prepare.json").exists, what="being prepared")
        family = demo.family()
        assert demo.stop(signal.SIGHUP) == 0
        assert "Caledee is ready" not in demo.said
        assert alive(family) == []


def test_the_demo_lets_its_people_sign_in_and_leaves_no_process(folder):
    with DemoProcess(folder) as demo:
        demo.wait_until_ready()
        assert demo.answers()
        assert SIGN_INS in demo.said
        assert sign_in(demo, "ada@example.com") == "/event-types/"
        assert rows(demo, "SELECT email, handle, time_zone, plan FROM accounts_user ORDER BY email") == [
            ("ada@example.com", "ada", "Europe/London", "team"),
            ("alan@example.com", "alan", "Asia/Kolkata", "team"),
            ("grace@example.com", "grace", "America/New_York", "team"),
            ("mary@example.com", "mary", "Pacific/Auckland", "free"),
        ]
        rows(demo, "UPDATE accounts_user SET email = 'countess@example.com' WHERE handle = 'ada' RETURNING id")
        rows(demo, "DELETE FROM scheduling_eventtype WHERE location LIKE '%/grace' RETURNING id")
        assert meetings(demo) == MEETINGS
        wait_until(lambda: len(list((folder / "mail").glob("*.eml"))) == 8, what="an email to both sides of each")
        family = demo.family()
        assert len(family) > 6
        assert demo.stop(signal.SIGTERM) == 0
        assert alive(family) == []
        assert list((folder / "run").iterdir()) == []


def test_another_start_changes_nothing(demo):
    assert rows(demo, "SELECT email FROM accounts_user ORDER BY email") == [
        ("alan@example.com",),
        ("countess@example.com",),
        ("grace@example.com",),
        ("mary@example.com",),
    ]
    assert rows(demo, "SELECT slug FROM scheduling_eventtype") == [("intro",), ("intro",), ("intro",)]
    assert rows(demo, "SELECT count(*) FROM accounts_organization") == [(1,)]
    assert rows(demo, "SELECT count(*) FROM oneoff_oneoffmeeting") == [(2,)]
    assert meetings(demo) == MEETINGS


def test_a_port_or_folder_in_use_is_rejected(demo, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    with DemoProcess(elsewhere, demo.port) as same_port, DemoProcess(demo.folder) as same_folder:
        assert same_port.process.wait(30) == 1
        assert f"Port {demo.port} is in use by another program" in same_port.said
        assert same_folder.process.wait(30) == 1
        assert f"{demo.folder} is in use by another demo at {demo.url}/" in same_folder.said
    assert not (elsewhere / "postgresql").exists()
    assert demo.answers()


def test_a_killed_server_and_worker_are_restarted(demo):
    before = {name: pid_of(demo, name) for name in ("postgres", "procrastinate", "gunicorn")}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: all(pid_of(demo, name) not in (None, pid) for name, pid in before.items()), what="all back")
    wait_until(demo.answers, what="an answer")
    assert "PostgreSQL stopped and will be restarted" in demo.said


def test_a_start_stops_what_a_killed_demo_left_running(demo):
    rows(demo, "UPDATE accounts_user SET name = 'Alan M. Turing' WHERE handle = 'alan' RETURNING id")
    family = demo.family()
    demo.process.kill()
    demo.process.wait()
    with DemoProcess(demo.folder, demo.port) as again:
        again.wait_until_ready()
        assert alive(family) == []
        assert rows(again, "SELECT name FROM accounts_user WHERE handle = 'alan'") == [("Alan M. Turing",)]
        assert again.stop(signal.SIGINT) == 0


def rows(demo, query):
    with psycopg.connect(demo.database_url) as connection:
        return connection.execute(query).fetchall()


def meetings(demo):
    return rows(demo, "SELECT name, invitee_email FROM scheduling_booking ORDER BY name, invitee_email")


def pid_of(demo, word):
    """Return the PID of the demo's child with this word on its command line."""
    children = [pid for pid, parent in parents().items() if parent == demo.process.pid]
    return next((pid for pid in children if word in command_line(pid)), None)


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def sign_in(demo, email):
    """Sign in and return where the response redirects to."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), StayHere)
    with browser.open(f"{demo.url}/accounts/login/", timeout=10) as answer:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())[1]
    form = {"csrfmiddlewaretoken": token, "login": email, "password": "caledee-demo"}
    with pytest.raises(urllib.error.HTTPError) as redirect:
        browser.open(f"{demo.url}/accounts/login/", urlencode(form).encode(), timeout=10)
    with redirect.value as answer:
        assert answer.status == 302
        return answer.headers["Location"]
