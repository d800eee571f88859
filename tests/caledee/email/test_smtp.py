"""The conversation with a mail server that misbehaves at each stage."""

from dataclasses import replace
from smtplib import SMTPServerDisconnected
from time import monotonic

import pytest

from caledee.email.failures import EmailDelayed, EmailRefused, EmailUnanswered, Fault, Refusal
from caledee.email.messages import Email, deliver
from caledee.email.smtp import Patience, TimedSMTP
from caledee.ops.environment import parse_email_url
from tests.caledee.email.scripted import (
    ANSWERS,
    AUTH,
    BEFORE_THE_DOT,
    CLOSE,
    DATA,
    DEAF,
    DOT,
    DRIP,
    EHLO,
    GREETING,
    HANG,
    MAIL,
    RCPT,
    SLOWLY,
    ScriptedServer,
)

STEP = 0.2
FACTS = {"state": "", "heading": "", "rows": [], "action": "", "link": "", "why": ""}
GARBAGE = "Caledee? Never heard of it"


def use(settings, server, scheme="smtp", **options):
    mailer = parse_email_url(f"{scheme}://caledee:secret@127.0.0.1:{server.port}?timeout={STEP}")
    settings.MAILERS = {"default": mailer | {"OPTIONS": mailer["OPTIONS"] | {"dot_timeout": 0.4} | options}}


def send(opening="Hello."):
    deliver(Email(to="dana@example.com", subject="Hi", message_id="<1@caledee.test>", opening=opening, **FACTS))


def trouble(opening="Hello."):
    """Return the error that is raised, and within how many seconds."""
    began = monotonic()
    with pytest.raises((EmailDelayed, EmailRefused)) as raised:
        send(opening)
    return raised.value, monotonic() - began


def test_an_email_goes_out_whole(settings):
    with ScriptedServer() as server:
        use(settings, server)
        send("One\n.\n..two\n.three")

    assert server.lines[1].startswith("AUTH PLAIN ")
    assert [line.partition(" size=")[0] for line in server.lines[2:]] == [
        "mail from:<caledee@caledee.test>",
        "rcpt to:<dana@example.com>",
        "data",
        "quit",
    ]
    [octets] = server.emails
    assert b"\r\nOne\r\n.\r\n..two\r\n.three\r\n" in octets
    assert octets.count(b"\n") == octets.count(b"\r\n")


@pytest.mark.parametrize("stage", BEFORE_THE_DOT)
@pytest.mark.parametrize("fault", [HANG, DRIP, CLOSE])
def test_a_server_that_never_answers_is_left_in_time_and_has_taken_nothing(settings, stage, fault):
    with ScriptedServer(**{stage: fault}) as server:
        use(settings, server)
        delay, seconds = trouble()

    assert (type(delay), delay.fault) == (EmailDelayed, Fault.SERVER)
    assert seconds < 2
    assert server.emails == []


def test_all_steps_together_have_an_end(settings):
    """Each response is in time, but all together take too long."""
    slow = {stage: SLOWLY + ANSWERS[stage] for stage in BEFORE_THE_DOT}
    with ScriptedServer(pause=STEP * 0.6, **slow) as server:
        use(settings, server, steps_timeout=STEP * 2)
        delay, seconds = trouble()

    assert type(delay) is EmailDelayed
    assert STEP * 1.5 < seconds < 2
    assert server.seen[DOT] == 0


def test_a_server_that_stops_reading_has_taken_nothing():
    with ScriptedServer(data=DEAF) as server:
        talk = TimedSMTP("127.0.0.1", server.port, patience=Patience(STEP))
        began = monotonic()
        with pytest.raises(SMTPServerDisconnected):
            talk.sendmail("caledee@caledee.test", ["dana@example.com"], b"A line.\r\n" * 2_000_000)

    assert monotonic() - began < 5
    assert server.emails == []


def test_the_answer_to_the_final_dot_has_longer_than_any_other(settings):
    with ScriptedServer(pause=STEP * 2, dot=SLOWLY + ANSWERS[DOT]) as server:
        use(settings, server, dot_timeout=20)
        send()

    assert len(server.emails) == 1


@pytest.mark.parametrize("answer", [HANG, DRIP, CLOSE, GARBAGE, "354 Go on"])
def test_whether_an_email_was_taken_is_not_known_where_the_dot_is_not_answered(settings, answer):
    with ScriptedServer(dot=answer) as server:
        use(settings, server)
        unknown, seconds = trouble()

    assert (type(unknown), unknown.copies, unknown.fault) == (EmailUnanswered, 1, Fault.SERVER)
    assert seconds < 3
    assert len(server.emails) == 1


@pytest.mark.parametrize("answer", [HANG, DRIP, CLOSE, GARBAGE, "421 Too busy to say goodbye"])
def test_what_was_taken_was_taken_however_it_ends(settings, answer):
    with ScriptedServer(quit=answer) as server:
        use(settings, server)
        began = monotonic()
        send()

    assert monotonic() - began < 10
    assert len(server.emails) == 1


@pytest.mark.parametrize(
    ("stage", "answer", "said"),
    [
        (GREETING, "554 5.7.1 No service for you", "connection, 554 5.7.1"),
        (EHLO, "550 Who are you?", "SMTPNotSupportedError"),
        (AUTH, "535 5.7.8 Wrong password", "sign-in, 535 5.7.8"),
        (AUTH, "534 5.7.9 Too weak", "sign-in, 534 5.7.9"),
        (MAIL, "530 5.7.0 Sign in first", "sender, 530 5.7.0"),
        (MAIL, "550 5.1.8 Sender unknown", "sender, 550 5.1.8"),
        (MAIL, "553 5.1.7 Bad sender", "sender, 553 5.1.7"),
        (MAIL, "550 User unknown", "sender, 550"),
        (RCPT, "550 relaying denied", "recipient, 550"),
        (RCPT, "554 5.7.1 Relay access denied", "recipient, 554 5.7.1"),
        (RCPT, "530 Authentication required", "recipient, 530"),
        (RCPT, "535 Authentication failed", "recipient, 535"),
        (DATA, "550 5.7.1 Not from you", "email, 550 5.7.1"),
        (DATA, "530 Authentication required", "email, 530"),
        (DOT, "550 relaying denied", "email, 550"),
        (DOT, "554 5.7.1 This looks like spam", "email, 554 5.7.1"),
        (DOT, "535 Authentication failed", "email, 535"),
        (DOT, "554 5.6.0 Bad content", "email, 554 5.6.0"),
    ],
)
def test_a_server_that_refuses_us_delays_the_email(settings, stage, answer, said):
    with ScriptedServer(**{stage: answer}) as server:
        use(settings, server)
        delay, _ = trouble()

    assert (type(delay), delay.fault, str(delay)) == (EmailDelayed, Fault.OURS, said)


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        (GREETING, "421 4.3.2 Come back"),
        (AUTH, "454 4.7.0 Temporary failure"),
        (MAIL, "451 4.3.0 Try later"),
        (RCPT, "450 4.7.1 Greylisted"),
        (RCPT, "452 4.2.2 Mailbox full"),
        (RCPT, "552 5.2.2 Mailbox full"),
        (DATA, "421 4.7.0 Too much"),
        (DOT, "452 4.3.1 The disk is full"),
    ],
)
def test_what_passes_delays_the_email_and_is_nobodys_setting(settings, stage, answer):
    with ScriptedServer(**{stage: answer}) as server:
        use(settings, server)
        delay, _ = trouble()

    assert (type(delay), delay.fault) == (EmailDelayed, Fault.SERVER)


@pytest.mark.parametrize("stage", [RCPT, DATA, DOT])
def test_a_recipient_who_does_not_exist_is_final_wherever_it_is_said(settings, stage):
    with ScriptedServer(**{stage: "550 5.1.1 <dana@example.com>: no such user"}) as server:
        use(settings, server)
        refusal, _ = trouble()

    assert (type(refusal), refusal.refusal) == (EmailRefused, Refusal.ADDRESS)
    assert "dana" not in str(refusal)


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_server_without_tls_is_a_setting_of_ours(settings, scheme):
    with ScriptedServer() as server:
        use(settings, server, scheme)
        delay, seconds = trouble()

    assert (type(delay), delay.fault) == (EmailDelayed, Fault.OURS)
    assert seconds < 2


def test_a_password_that_smtp_cannot_carry_is_a_setting_of_ours(settings):
    with ScriptedServer() as server:
        use(settings, server, password="gehe\udce9im")
        delay, _ = trouble()

    assert (type(delay), delay.fault) == (EmailDelayed, Fault.OURS)


def test_a_sender_at_an_ipv6_address_is_named_as_rfc_5321_wants(settings):
    settings.DEFAULT_FROM_EMAIL = "Caledee <caledee@[IPv6:2001:db8::7]>"
    with ScriptedServer() as server:
        use(settings, server)
        send()

    assert server.lines[2].partition(" size=")[0] == "mail from:<caledee@[IPv6:2001:db8::7]>"
    assert b'\r\nFrom: "Caledee" <caledee@[IPv6:2001:db8::7]>\r\n' in server.emails[0]


@pytest.mark.parametrize("address", ["", "dana", "dana@", "dana @exa mple.com", "d\xe4na@example.com", "a@b.c, d@e.f"])
def test_only_an_address_that_cannot_be_written_is_impossible(settings, address):
    with ScriptedServer() as server:
        use(settings, server)
        with pytest.raises(EmailRefused) as refused:
            deliver(Email(to=address, subject="Hi", message_id="<1@caledee.test>", opening="Hello.", **FACTS))

    assert refused.value.refusal == Refusal.IMPOSSIBLE
    assert server.seen[MAIL] == 0


def test_an_organizer_whose_address_cannot_be_written_costs_nobody_an_email(settings):
    with ScriptedServer() as server:
        use(settings, server)
        email = Email(to="dana@example.com", subject="Hi", message_id="<1@caledee.test>", opening="Hello.", **FACTS)
        deliver(replace(email, reply_to=("Zo\xeb", "zo\xeb@example.com")))

    assert b"Reply-To" not in server.emails[0]
