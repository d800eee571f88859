"""Email headers that contain user input, such as names and titles."""

import re
from email.header import Header
from email.headerregistry import AddressHeader
from email.message import EmailMessage

from django.utils.encoding import punycode

from caledee.email.text import one_line

# Needs no encoding in a quoted string. Other names, and longer ones, are encoded.
PLAIN_NAME = re.compile(r"[A-Za-z0-9 .,;:'()<>@&/+-]{1,40}")
LONGEST_LINE = 76  # of encoded words (RFC 2047, section 2)


def header_text(text: str) -> str:
    """Return one line that email programs show as typed, without reading any of it as encoded (RFC 2047)."""
    return one_line(text).replace("=?", "= ?")


def set_mailbox(message: EmailMessage, header: str, name: str, address: str) -> None:
    """Set a header to `"Ada Lovelace" <ada@example.com>`, for any name.

    Encodes the name itself: the email package of Python 3.13.0 loses the quotes when it folds a long name, and a comma
    or an @ in the name would start an address. Raises ValueError for an address that no header can hold.
    """
    del message[header]
    message.set_raw(header, _mailbox(header, header_text(name), _ascii(address)))


def is_mailbox(address: str) -> bool:
    """Return whether a header and a mail server accept this address."""
    try:
        parsed = AddressHeader.value_parser(_ascii(address))
    except ValueError:
        return False
    return len(parsed.all_mailboxes) == 1 and not parsed.all_defects


def _mailbox(header: str, name: str, address: str) -> str:
    if not name or len(address) > LONGEST_LINE - 3:
        return address
    if PLAIN_NAME.fullmatch(name):
        return f'"{name}"\r\n <{address}>' if len(name) + len(address) > LONGEST_LINE - 20 else f'"{name}" <{address}>'
    words = Header(name, "utf-8", maxlinelen=LONGEST_LINE, header_name=header).encode(splitchars="", linesep="\r\n")
    return f"{words}\r\n <{address}>"


def _ascii(address: str) -> str:
    local, _, domain = address.rpartition("@")
    address = f"{local}@{punycode(domain)}"
    if not address.isascii() or one_line(address) != address:
        raise ValueError("an address must be ASCII")
    return address
