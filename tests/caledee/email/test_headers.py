import email
import email.policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caledee.email.headers import header_text, set_mailbox

NASTY = st.text(st.sampled_from('aZ üß,;:<>()[]@\\"=?_.\r\n\t\x0b\u2028\u202e👩\u200d💻'), max_size=100)


def write(header, name, address):
    message = EmailMessage(policy=email.policy.SMTP)
    set_mailbox(message, header, name, address)
    return message.as_bytes()


@given(st.one_of(NASTY, st.text(st.characters(exclude_categories=["Cs"]), max_size=100)))
def test_any_name_is_read_back_as_one_mailbox_of_that_name(name):
    octets = write("Reply-To", name, "dana@example.com")

    assert octets.isascii()
    assert max(len(line) for line in octets.split(b"\r\n")) <= 78
    [(header, value)] = email.message_from_bytes(octets).items()
    words, address = parseaddr(value)
    assert (header, address) == ("Reply-To", "dana@example.com")
    assert str(make_header(decode_header(words))).strip() == header_text(name).strip()
    parsed = email.message_from_bytes(octets, policy=email.policy.default)["Reply-To"]
    assert [mailbox.addr_spec for mailbox in parsed.addresses] == ["dana@example.com"]
    assert parsed.defects == ()


@pytest.mark.parametrize(
    ("name", "address", "octets"),
    [
        ("Ada Lovelace", "ada@example.com", b'From: "Ada Lovelace" <ada@example.com>\r\n\r\n'),
        ("", "ada@example.com", b"From: ada@example.com\r\n\r\n"),
        ("Dana", "dana@bücher.example", b'From: "Dana" <dana@xn--bcher-kva.example>\r\n\r\n'),
        ("Dana", '"a b, c"@example.com', b'From: "Dana" <"a b, c"@example.com>\r\n\r\n'),
    ],
)
def test_plain_names_stay_readable(name, address, octets):
    assert write("From", name, address) == octets


def test_longest_address_stays_whole():
    address = f"{'a' * 64}@{'.'.join(['b' * 60] * 3)}.example"

    parsed = email.message_from_bytes(write("From", "Dana, Jörg <x@y.z>", address), policy=email.policy.default)

    assert parsed["From"].addresses[0].addr_spec == address


@pytest.mark.parametrize("address", ["dänä@example.com", "dana@example.com\r\nBcc: all@example.com"])
def test_impossible_address_is_refused(address):
    with pytest.raises(ValueError, match="address"):
        write("From", "Dana", address)
