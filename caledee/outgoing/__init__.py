"""All HTTP requests that Caledee sends, and the only code that makes an HTTP client.

Other modules import from here. Requests go only to hosts on the internet by https, and to the operator's
CALENDAR_ALLOWED_NETWORKS. They end by a deadline, and answers have a largest size.
"""

from caledee.outgoing.addresses import Address, Login, Origin, parse_address
from caledee.outgoing.answers import Answer
from caledee.outgoing.errors import (
    AddressMalformed,
    AddressRefused,
    AnswerBroken,
    AnswerTooLarge,
    CertificateRefused,
    EncryptionMissing,
    NetworkRefused,
    RedirectRefused,
    RequestFailed,
    TooManyRedirects,
    TooSlow,
    Unreachable,
)
from caledee.outgoing.network import Deadline, Network, check_without_look_up
from caledee.outgoing.session import Session, anywhere, nowhere_else, request

__all__ = [
    "Address",
    "AddressMalformed",
    "AddressRefused",
    "Answer",
    "AnswerBroken",
    "AnswerTooLarge",
    "CertificateRefused",
    "Deadline",
    "EncryptionMissing",
    "Login",
    "Network",
    "NetworkRefused",
    "Origin",
    "RedirectRefused",
    "RequestFailed",
    "Session",
    "TooManyRedirects",
    "TooSlow",
    "Unreachable",
    "anywhere",
    "check_without_look_up",
    "nowhere_else",
    "parse_address",
    "request",
]
