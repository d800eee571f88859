"""Parse DEFAULT_FROM_EMAIL, the sender of all emails. Settings import this module, so it must not read them."""

import re
from email.headerregistry import Address, AddressHeader
from ipaddress import IPv6Address, ip_address

from django.core.exceptions import ImproperlyConfigured
from django.utils.encoding import punycode

EXAMPLE = "Caledee <caledee@example.com>"
QUOTED_EXAMPLE = '"Caledee, Inc." <caledee@example.com>'
# Obsolete in RFC 5322 but common: Caledee.io <caledee@example.com>.
HARMLESS_DEFECTS = {"period in 'phrase'"}
LONGEST_LOCAL_PART, LONGEST_DOMAIN = 64, 255  # RFC 5321, section 4.5.3.1
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII | re.IGNORECASE)
LITERAL = re.compile(r"\[(?:IPv6:)?([0-9a-f:.]+)\]", re.ASCII | re.IGNORECASE)


def parse_sender(text: str, *, host: str) -> Address:
    """Return the mailbox in `text`, its domain in ASCII, or `caledee` at `host` if it is empty.

    Raises ImproperlyConfigured with a reason: no email could be sent with an invalid sender.
    """
    if not text.strip():
        return Address("Caledee", "caledee", _domain_at(host))
    if not text.isprintable():
        raise ImproperlyConfigured("DEFAULT_FROM_EMAIL must be one line without control characters.")
    parsed = AddressHeader.value_parser(text.strip())
    if len(parsed.all_mailboxes) > 1:
        raise ImproperlyConfigured(
            f"DEFAULT_FROM_EMAIL must be a single address, with quotes around a name that contains a comma "
            f"({QUOTED_EXAMPLE}), not {text!r}."
        )
    defects = {str(defect) for defect in parsed.all_defects} - HARMLESS_DEFECTS
    mailbox = parsed.all_mailboxes[0] if parsed.all_mailboxes else None
    if defects or mailbox is None or not mailbox.local_part or not mailbox.domain:
        raise _not_an_address(text)
    try:
        domain = _check_domain(mailbox.domain)
        sender = Address(str(mailbox.display_name or ""), mailbox.local_part, domain)
    except ValueError:
        raise _not_an_address(text) from None
    if len(mailbox.local_part) > LONGEST_LOCAL_PART or not sender.addr_spec.isascii():
        raise _not_an_address(text)
    return sender


def _not_an_address(text: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"DEFAULT_FROM_EMAIL must be an email address, such as {EXAMPLE}, not {text!r}.")


def _domain_at(host: str) -> str:
    """Return the host as a domain, with an IP address in brackets (RFC 5321, section 4.1.3)."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        pass
    else:
        return f"[IPv6:{address}]" if isinstance(address, IPv6Address) else f"[{address}]"
    try:
        return _check_domain(host)
    except ValueError:
        raise ImproperlyConfigured(
            f"Set DEFAULT_FROM_EMAIL, such as {EXAMPLE}: emails cannot come from the host of BASE_URL."
        ) from None


def _check_domain(domain: str) -> str:
    """Return the domain in ASCII. Raises ValueError, or its subclass UnicodeError."""
    if literal := LITERAL.fullmatch(domain):
        ip_address(literal[1])
        return domain
    domain = punycode(domain)
    labels = domain.split(".")
    if len(domain) > LONGEST_DOMAIN or not all(LABEL.fullmatch(label) for label in labels):
        raise ValueError("not a domain")
    if labels[-1].isdecimal():
        raise ValueError("an IP address without its brackets")
    return domain
