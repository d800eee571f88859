"""Hostile values for fields and addresses."""

from collections.abc import Sequence

Sent = str | bytes | Sequence[str | bytes]

MANY = 10_000
HOSTILE: dict[str, Sent] = {
    "script": "<script>smuggled()</script>",
    "closing tags": '"></textarea></title></select></script><smuggled-tag>',
    "attribute": '" smuggled-attribute="1" onfocus="smuggled()',
    "attribute in single quotes": "' smuggled-attribute='1",
    "attribute without quotes": "x smuggled-attribute=1 onload=smuggled()",
    "image": "<img src=x onerror=smuggled()>",
    "comment": "<!-- smuggled",
    "entity": "&lt;smuggled-tag&gt;&#60;smuggled-tag&#62;",
    "script address": "javascript:smuggled()",
    "script address of a host": "javascript://meet.example.com/%0Asmuggled()",
    "data address": "data:text/html,<smuggled-tag>",
    "template": "{{ 7|add:191 }}{% now 'Y' %}{# hidden #}",
    "format": "%s%n%(name)s{0.__class__}{}${7*7}",
    "SQL": "'; DROP TABLE accounts_user; --",
    "LIKE": "%_\\",
    "CRLF": "Dana\r\nBcc: smuggled@example.com\r\nX-Smuggled: 1\r\n\r\nBody",
    "encoded CRLF": "Dana%0D%0ABcc: smuggled@example.com",
    "encoded word": "=?utf-8?q?Dana=0D=0ABcc:_smuggled=40example.com?=",
    "lone CR": "Dana\rX-Smuggled: 1",
    "iCalendar": "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nX-SMUGGLED:1",
    "iCalendar parameter": 'x";X-SMUGGLED=1:mailto:smuggled@example.com;a,b\\nX-SMUGGLED:1',
    "mailbox": '"Dana" <smuggled@example.com>, eve@example.com',
    "NUL": "Da\x00na",
    "VT": "Da\x0bna",
    "ESC": "\x1b[31mDana\x1b]0;smuggled\x07",
    "DEL and C1": "Da\x7fna\x85\x9b31m",
    "U+2028": "Dana\u2028X-Smuggled: 1\u2029",
    "RTL override": "Dana\u202egpj.exe",
    "isolates": "\u2066Dana\u2069\u2067\u202a",
    "zero width": "Da\u200bna\u2060\ufeff",
    "nothing to see": "\u200b\u2060\u00ad\u115f\u3164\u2800",
    "combining flood": "e" + "\u0301" * 2_000,
    "sixty marks on one letter": "e" + "\u0301" * 60,
    "noncharacters": "Dana\ufffe\U0010ffff\ue000",
    "10,000 characters": "x" * MANY,
    "10,000 emoji": "👩‍💻" * (MANY // 3),
    "10,000 spaces": " " * MANY + "x",
    "no UTF-8": b"Da\xff\xfe\x80na",
    "overlong UTF-8": b"\xc0\xaf\xc0\xae\xe0\x80\xaf",
    "surrogates": b"\xed\xa0\x80\xed\xbf\xbf",
    "broken off": b"Dana \xf0\x9f\x91",
    "nothing": "",
    "spaces": "  \t ",
    "huge number": "9" * 400,
    "beyond 64 bits": "9223372036854775808",
    "beyond 32 bits": "2147483648",
    "negative": "-1",
    "zero": "0",
    "exponent": "1e999",
    "NaN": "NaN",
    "infinity": "Infinity",
    "fraction": "1.5",
    "underscore": "1_0",
    "digits of Arabic": "٣٠",
    "no digit": "³½",
    "hexadecimal": "0x1F",
    "year 0": "0000-01-01T00:00",
    "year 1": "0001-01-01T00:00",
    "year 9999": "9999-12-31T23:59",
    "year 10000": "10000-01-01T00:00",
    "day of year 1": "0001-01-01",
    "day of year 9999": "9999-12-31",
    "month of year 1": "0001-01",
    "month of year 9999": "9999-12",
    "30 February": "2027-02-30T09:00",
    "hour 24": "2026-12-01T24:00",
    "leap second": "2026-12-31T23:59:60",
    "moment with a zone": "2026-12-01T09:00:00+14:00",
    "moment": "2026-12-01T09:00:00Z",
    "moment of year 1": "0001-01-01T00:00:00Z",
    "moment of year 9999": "9999-12-31T23:59:59Z",
    "hours of a date": "9999-12-31/00:00-24:00/99:99-x 2026-13-01/09:00",
    "unknown zone": "Mars/Olympus",
    "zone of a file": "../../etc/passwd",
    "zone beside a zone": "Europe/../Europe/London",
    "zone of the system": "localtime",
    "zone in capitals": "EUROPE/LONDON",
    "absolute path": "/etc/localtime",
    "unknown id": "00000000-0000-4000-8000-000000000000",
    "id in braces": "{00000000-0000-4000-8000-000000000000}",
    "address of elsewhere": "//evil.example/",
    "JSON": '{"id": ["x"], "rawId": {}, "response": 1}',
    "JSON surrogate": '"\\ud800\\u0000"',
    "deep JSON": "[" * 9_000,
    "null": "null",
    "twice": ["2026-12-01T09:00", "Dana"],
    "three times the same": ["Dana", "Dana", "Dana"],
    "400 times": ["x"] * 400,
    "of several kinds": ["", b"\xff", "\x00", "9" * 300],
}

# Every field of every kind is tested with these.
ALWAYS = ["closing tags", "NUL"]

# Text as people write it, which reaches other people exactly so.
LEGITIMATE = {
    "umlauts": "Jörg Müller-Lüdenscheidt ß",
    "apostrophes": "Siobhán O’Brien & D'Arcy",
    "combining accents": "Ame\u0301lie Nguyê\u0303n",
    "emoji": "Zoë 👩‍💻👨‍👩‍👧‍👦 ❤️ 👍🏽",
    "flag of England": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Arabic": "محمد بن سلمان",
    "Hebrew": "יוסי כהן",
    "Hebrew with a mark": "שלום!\u200f (ABC)",
    "Persian": "می‌خواهم",
    "Devanagari": "क्‍षत्रिय",
    "Japanese with a wide space": "山田　太郎",
    "French with hard spaces": "Réunion\u202f: 100\u00a0€",
    "Turkish": "İlker Işık",
    "markup": 'Less < more > & "so" on',
    "braces": "{{ curly }} {% percent %}",
    "reply": "Re: 50 % =?",
    "backslash": "C:\\new; a, b",
}


def pairs_of(name: str, sent: Sent) -> list[tuple[str, str | bytes]]:
    """Return one pair for each value, as a form sends them."""
    return [(name, each) for each in ([sent] if isinstance(sent, str | bytes) else sent)]


def as_read(sent: str | bytes) -> str:
    """Return the text that arrives, with invalid UTF-8 replaced."""
    return sent.decode("utf-8", "replace") if isinstance(sent, bytes) else sent
