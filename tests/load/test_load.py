"""Sixteen clients over HTTP at once, undisturbed and while processes are killed; then an audit."""

import sys
import time

import pytest

from tests.load.destroyer import Destroyer
from tests.load.running import Rig
from tests.load.world import BROKEN, DONE, LOST
from tests.support.demo_process import wait_until

ALL = {
    "accept", "book event type", "book link", "cancel", "cancel ours", "create", "decline", "delete", "move",
    "propose", "propose a move", "read", "reopen", "withdraw",
}  # fmt: skip


@pytest.fixture
def rig(tmp_path, request):
    with Rig(tmp_path / "demo", request.param) as rig:
        yield rig
        sys.stdout.write(rig.summary())


def in_peace(rig, operations, *, days=2):
    """Expect a response to every request, without errors."""
    with rig.load(days=days):
        wait_until(lambda: rig.world.answered >= operations and kinds_done(rig) == ALL, 400, what="all done")
    sys.stdout.write(rig.audit())
    outcomes = {outcome for _, outcome in rig.world.answers}
    assert (outcomes & {BROKEN, LOST}, rig.world.surprises) == (set(), [])


def kinds_done(rig):
    return {kind for (kind, outcome) in list(rig.world.answers) if outcome == DONE}


def in_a_storm(rig, strikes, *, days=2, operations, pause):
    """Kill one process after another, with so many operations and seconds between. Everything restarts by itself."""
    destroyer = Destroyer(rig.demo, rig.seed)
    ways = [*destroyer.ways, None]
    with rig.cuts(), rig.load(days=days):
        for number in range(strikes):
            time.sleep(pause)
            rig.wait_for_operations(operations, 20)
            if way := ways[number % len(ways)]:
                destroyer.strike(way)
            else:
                rig.restart(killed=number // len(ways) % 2 == 0)
                destroyer.demo = rig.demo
        rig.wait_for_operations(operations, 20)
    rig.recover()
    rig.blows += destroyer.kills
    sys.stdout.write(rig.audit())


def assert_emails_are_known(rig):
    """Check that every sent email was to be sent. Copies share one Message-ID, as the recipient can tell."""
    recorded = {name for (name,) in rig.ask("SELECT message_id FROM scheduling_mailrecord")}
    assert set(rig.emails()) <= recorded


@pytest.mark.parametrize("rig", [1], indirect=True)
def test_every_answer_is_true_in_peace_and_after_a_storm(rig):
    in_peace(rig, 300)
    in_a_storm(rig, 6, operations=15, pause=0.5)
    assert_emails_are_known(rig)
    assert {"web_worker", "task_worker", "database_session", "web_master", "database"} <= rig.blows.keys()


@pytest.mark.long
@pytest.mark.parametrize("rig", [11, 12], indirect=True)
def test_every_answer_is_true_after_thousands_in_peace(rig):
    in_peace(rig, 3000, days=4)


@pytest.mark.long
@pytest.mark.parametrize("rig", [21, 22, 23], indirect=True)
def test_every_answer_is_true_and_every_email_sent_after_a_long_storm(rig):
    in_a_storm(rig, 30, days=4, operations=40, pause=2)
    rig.wait_for_emails(400)
    sys.stdout.write(rig.audit())
    done = dict(
        rig.ask(
            "SELECT message_id, sent_at IS NOT NULL FROM scheduling_mailrecord"
            " WHERE sent_at IS NOT NULL OR dropped_at IS NOT NULL"
        )
    )
    emails, sent = rig.emails(), {name for name, is_sent in done.items() if is_sent}
    # What a worker that dies between the mail server's yes and its own mark has sent is tried once more, or dropped
    # where it is no longer true.
    unmarked = emails.keys() - sent
    assert (sent - emails.keys(), unmarked - done.keys()) == (set(), set())
    twice, blows = sum(number - 1 for number in emails.values()), rig.blows.total()
    rig.blows |= {"emails sent twice": twice, "emails sent without a mark": len(unmarked)}
    # Each worker that died, or whose mark was lost with its database, may have been at four.
    assert twice + len(unmarked) <= 4 * blows
