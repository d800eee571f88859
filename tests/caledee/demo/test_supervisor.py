import subprocess
import sys
import time

import pytest

from caledee.demo.supervisor import Keeper, Service, end_leftovers, stop_all
from caledee.ops.processes import FileLock, InUse, identity
from tests.support.demo_process import alive, descendants, wait_until

# A leader with another process in its group. Both ignore SIGTERM after they print.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def service(tmp_path):
    service = Service(
        "stubborn",
        [sys.executable, "-c", STUBBORN],
        environment={},
        folder=tmp_path,
        log=tmp_path / "stubborn.log",
        record=tmp_path / "stubborn.json",
    )
    yield service
    service.kill()


def start(service):
    service.start()
    wait_until(lambda: service.log.read_text().endswith("ready\n"))
    leader = service.process.pid
    return {pid: identity(pid) for pid in [leader, *descendants(leader)]}


def test_stopping_ends_the_whole_group_in_time(service):
    family = start(service)
    assert len(family) == 2
    began = time.monotonic()
    stop_all([service], timeout=0.2)
    assert time.monotonic() - began < 2
    wait_until(lambda: not alive(family), 2)
    assert not service.record.exists()


def test_processes_of_a_dead_leader_are_stopped_before_the_next_start(service):
    family = start(service)
    service.process.kill()
    wait_until(lambda: not service.is_running())
    assert len(alive(family)) == 1
    start(service)
    wait_until(lambda: not alive(family), 2)


def test_leftover_processes_are_stopped_by_their_records(service, tmp_path):
    family = start(service)
    assert end_leftovers(tmp_path, time.sleep, timeout=0.2)
    wait_until(lambda: not alive(family), 2)
    assert not end_leftovers(tmp_path, time.sleep)


@pytest.mark.parametrize(
    "record",
    ['{"pid": %d, "identity": "another"}', '{"pid": %d, "identity": ""}', '{"pid": 0}', "[]", "", '{"pid": "-1"'],
)
def test_another_process_with_the_pid_of_a_leftover_keeps_running(tmp_path, record):
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    (tmp_path / "web.json").write_text(record % bystander.pid if "%d" in record else record)
    assert end_leftovers(tmp_path, time.sleep)
    assert bystander.poll() is None
    bystander.communicate(b"\n", timeout=10)
    assert bystander.returncode == 0
    assert list(tmp_path.iterdir()) == []


class Fragile:
    name, log = "fragile", "fragile.log"

    def __init__(self):
        self.running, self.starts = True, 0

    def start(self):
        self.starts += 1

    def is_running(self):
        return self.running


def test_a_part_that_keeps_stopping_is_restarted_more_and_more_slowly():
    part, said, started_at = Fragile(), [], []
    keeper = Keeper(part, said.append, started_at=0)
    part.running = False
    for tick in range(400):
        before = part.starts
        keeper.look(tick / 10)
        if part.starts > before:
            started_at.append(tick / 10)
    assert started_at == [1.0, 3.1, 7.2, 15.3, 23.4, 31.5, 39.6]
    assert said[0] == "fragile stopped and will be restarted. Its log: fragile.log"


def test_a_part_that_ran_steadily_is_restarted_soon():
    part = Fragile()
    keeper = Keeper(part, lambda line: None, pause=8, started_at=0)
    part.running = False
    keeper.look(31)
    keeper.look(31.4)
    assert part.starts == 0
    keeper.look(31.5)
    assert part.starts == 1


def test_a_lock_has_one_holder_or_several_sharers(tmp_path):
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    first.take(shared=True)
    second.take(shared=True)
    with pytest.raises(InUse):
        first.take()
    first.release()
    second.take()
    third = FileLock(tmp_path / "lock")
    with pytest.raises(InUse):
        third.wait_for(timeout=0.1)
    second.release()
    third.wait_for(timeout=0.1)
    third.release()


def test_an_identity_ends_with_its_process():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    known = identity(process.pid)
    assert known == identity(process.pid) != ""
    process.kill()
    wait_until(lambda: identity(process.pid) == "")
    process.communicate()
