"""Real responses of mail servers, and what they mean for the email."""

import pytest

from caledee.email.replies import Meaning, Stage, read_answer

ABOUT_RECIPIENT = [
    (550, "5.1.1 <dana@example.com>: Recipient address rejected: User unknown in virtual mailbox table"),
    (550, "5.1.1 The email account that you tried to reach does not exist."),
    (550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
    (501, "5.1.3 Bad recipient address syntax"),
    (550, "5.1.2 Host or domain name not found"),
    (550, "5.2.1 The email account that you tried to reach is inactive."),
    (550, "sorry, no mailbox here by that name (#5.1.1)"),
    (550, "No such person dana@example.com"),
    (550, "user unknown"),
    (550, "Unrouteable address"),
    (550, "Requested action not taken: mailbox unavailable"),
    (551, "User not local"),
    (553, "Invalid recipient"),
    (554, "delivery error: This user doesn't have an example.com account"),
    (556, "Domain does not accept mail"),
]
ABOUT_US = [
    (550, "relaying denied"),
    (550, "5.7.1 Relaying denied"),
    (554, "5.7.1 <dana@example.com>: Relay access denied"),
    (550, "relay not permitted"),
    (553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    (551, "we do not relay"),
    (550, "Administrative prohibition"),
    (550, "5.7.26 This mail is unauthenticated, which poses a security risk to the sender and recipients"),
    (550, "5.1.8 <caledee@example.com>: Sender address rejected: Domain not found"),
    (550, "5.1.7 Bad sender's mailbox address syntax"),
    (554, "This looks like spam"),
    (550, "Sender verify failed: unknown user"),
    (530, "5.7.0 Authentication required"),
    (530, "Authentication required"),
    (535, "Authentication credentials invalid"),
    (550, "5.6.7 Non-ASCII addresses not permitted for that sender or recipient"),
    (503, "5.5.1 Bad sequence of commands"),
    (555, "Parameters not recognized or not implemented"),
    (501, "Syntax error in parameters or arguments"),
    (554, "Transaction failed"),
    (550, "Rejected"),
    (550, ""),
]
FOR_NOW = [
    (450, "4.2.0 <dana@example.com>: Recipient address rejected: Greylisted"),
    (451, "4.7.1 Try again later"),
    (452, "4.2.2 Mailbox full"),
    (421, "4.7.0 Too many connections"),
    (552, "5.2.2 Mailbox full"),
    (552, "Requested mail action aborted: exceeded storage allocation"),
    (552, "Too many recipients"),
    (554, "5.3.2 System not accepting network messages"),
    (550, "5.4.1 No answer from host"),
    (554, "5.4.6 Routing loop detected"),
    (251, "User not local; will forward"),
    (-1, "no answer that SMTP knows"),
]


@pytest.mark.parametrize("stage", [Stage.RECIPIENT, Stage.EMAIL])
@pytest.mark.parametrize(
    ("code", "text", "meaning"),
    [
        *[(*each, Meaning.NO_SUCH_RECIPIENT) for each in ABOUT_RECIPIENT],
        *[(*each, Meaning.REFUSES_US) for each in ABOUT_US],
        *[(*each, Meaning.NOT_NOW) for each in FOR_NOW],
        (552, "5.2.3 Message length exceeds administrative limit", Meaning.TOO_MUCH_FOR_RECIPIENT),
    ],
)
def test_only_what_is_about_the_recipient_is_final(stage, code, text, meaning):
    assert read_answer(stage, code, text.encode()).meaning == meaning


@pytest.mark.parametrize("stage", [Stage.CONNECTION, Stage.SIGN_IN, Stage.SENDER])
@pytest.mark.parametrize(("code", "text"), [*ABOUT_RECIPIENT, *ABOUT_US])
def test_before_a_recipient_is_named_no_refusal_is_about_one(stage, code, text):
    assert read_answer(stage, code, text.encode()).meaning == Meaning.REFUSES_US


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize(("code", "text"), [each for each in FOR_NOW if each[0] < 500])
def test_what_a_server_calls_temporary_is_so_at_each_stage(stage, code, text):
    assert read_answer(stage, code, text.encode()).meaning == Meaning.NOT_NOW


def test_a_response_is_reported_by_its_codes_and_never_by_its_words():
    assert [
        str(read_answer(Stage.RECIPIENT, 550, b"5.1.1 <dana@example.com> unknown")),
        str(read_answer(Stage.EMAIL, 550, b"sorry, no mailbox here (#5.1.1)")),
        str(read_answer(Stage.SENDER, 553, b"no such sender")),
        str(read_answer(Stage.RECIPIENT, 550, b"\xff\xfe dana@example.com 5.1.1.7")),
    ] == ["recipient, 550 5.1.1", "email, 550 5.1.1", "sender, 553", "recipient, 550"]
