"""Classify the reply of a mail server: is it about the recipient, about us, or temporary?

Only a reply about the recipient is final. A server that refuses *us* (an unknown sender, no permission to relay, a
failed sign-in, a policy) refuses every email, and accepts them all once the operator has fixed the settings: no email
may be lost in the meantime.

Input is the stage of the conversation, the reply code (RFC 5321, section 4.2; RFC 4954 for 530 to 538; RFC 7504 for
521 and 556) and, if present, the enhanced status code (RFC 3463, RFC 5248 and their registry). The text counts only
for codes such as 550 without an enhanced one: RFC 5321 uses 550 both for "mailbox not found" and for "command rejected
for policy reasons".
"""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum


class Stage(StrEnum):
    CONNECTION = "connection"
    SIGN_IN = "sign-in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    EMAIL = "email"


class Meaning(Enum):
    NO_SUCH_RECIPIENT = "final: the recipient does not exist"
    TOO_MUCH_FOR_RECIPIENT = "final: the recipient's mailbox does not accept this email"
    REFUSES_US = "the server refuses this installation or its emails, for any recipient"
    NOT_NOW = "temporary"


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is the enhanced status code, or empty."""

    stage: Stage
    code: int
    status: str
    meaning: Meaning

    def __str__(self) -> str:
        return f"{self.stage}, {' '.join(filter(None, [str(self.code), self.status]))}"


# At the start of the text, or in parentheses at its end as qmail writes it: (#5.1.1).
ENHANCED_STATUS = re.compile(r"(?:^|\(#)([245]\.\d{1,3}\.\d{1,3})\b", re.ASCII)

# RFC 3463, section 3.2: problems with the recipient's address. 5.1.10 is a domain that accepts no email (RFC 7505).
# Excludes 5.1.7 and 5.1.8, which concern the sender's address, and 5.1.9.
BAD_ADDRESS = {f"5.1.{detail}" for detail in (0, 1, 2, 3, 4, 6, 10)}
# Section 3.3: disabled (5.2.1), or a mailing list that cannot be expanded (5.2.4). Excludes 5.2.2: a full mailbox is a
# "persistent transient" state, because people make room.
BAD_MAILBOX = {"5.2.0", "5.2.1", "5.2.4"}
MESSAGE_TOO_LONG_FOR_MAILBOX = "5.2.3"
FULL_MAILBOX = "5.2.2"

# Can concern the recipient if there is no enhanced code. Excludes 552: storage was exceeded.
AMBIGUOUS_CODES = {550, 551, 553, 554}
DOMAIN_TAKES_NO_EMAIL = 556  # RFC 7504, section 3.3
STORAGE_EXCEEDED = 552
ABOUT_US = re.compile(
    r"relay|polic|denied|prohibit|permit|allow|auth|spam|junk|block|list|reputation|sender|client|helo|ehlo|reverse"
    r"|\bptr\b|\bdns|spf|dkim|dmarc|\bip\b|rate|limit|too many|admin|content|virus|\byour\b",
    re.IGNORECASE,
)
ABOUT_RECIPIENT = re.compile(
    r"user|mailbox|recipient|address|account|person|nobody|no one|unknown|not known|no such|not exist|n't exist"
    r"|not found|unrout|invalid|inactive|disabled|not here|not local",
    re.IGNORECASE,
)


def read_answer(stage: Stage, code: int, text: bytes | str) -> Answer:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    found = ENHANCED_STATUS.search(words)
    status = found[1] if found else ""
    return Answer(stage, code, status, _meaning(stage, code, status, words))


def _meaning(stage: Stage, code: int, status: str, words: str) -> Meaning:
    if not 500 <= code < 600:
        return Meaning.NOT_NOW  # 4yz is temporary by definition, and RFC 5321 allows nothing else here
    if stage not in {Stage.RECIPIENT, Stage.EMAIL}:
        return Meaning.REFUSES_US  # no recipient has been named yet
    if status.startswith("5"):
        return _meaning_of_status(status)
    if code == DOMAIN_TAKES_NO_EMAIL:
        return Meaning.NO_SUCH_RECIPIENT
    if code == STORAGE_EXCEEDED:
        return Meaning.NOT_NOW
    # An email has one recipient, so a server can refuse them after DATA too. Unclear refusals count as ours: a
    # needless retry costs less than a lost email.
    if code in AMBIGUOUS_CODES and ABOUT_RECIPIENT.search(words) and not ABOUT_US.search(words):
        return Meaning.NO_SUCH_RECIPIENT
    return Meaning.REFUSES_US


def _meaning_of_status(status: str) -> Meaning:
    """Classify an enhanced status code.

    5.3 is the server's system and 5.4 its network: neither concerns the recipient or us. 5.5 (protocol), 5.6 (content
    and encoding), 5.7 (permission and policy), 5.1.7 and 5.1.8 concern what we do.
    """
    if status in BAD_ADDRESS | BAD_MAILBOX:
        return Meaning.NO_SUCH_RECIPIENT
    if status == MESSAGE_TOO_LONG_FOR_MAILBOX:
        return Meaning.TOO_MUCH_FOR_RECIPIENT
    if status == FULL_MAILBOX or status.startswith(("5.3.", "5.4.")):
        return Meaning.NOT_NOW
    return Meaning.REFUSES_US
