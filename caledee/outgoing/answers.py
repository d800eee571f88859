"""What a server answered, read with a limit: compressed, a few bytes can become gigabytes."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.datastructures import CaseInsensitiveMapping

from caledee.outgoing.errors import AnswerBroken, AnswerTooLarge

# zlib recognizes the header of gzip and of zlib. Some servers send deflate without a header.
ANY_HEADER, NO_HEADER = zlib.MAX_WBITS | 32, -zlib.MAX_WBITS
# Each one takes 20 microseconds. A server that sends single bytes would take minutes of CPU.
MOST_CHUNKS = 100_000
ENCODINGS = {"gzip", "x-gzip", "deflate"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status. The names of `headers` ignore case. `url` is where the last redirect led.

    The URL, the headers and the body can contain secrets, so they aren't shown by `repr`.
    """

    status: int
    headers: CaseInsensitiveMapping[str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def read_headers(pairs: Iterable[tuple[bytes, bytes]]) -> CaseInsensitiveMapping[str]:
    """Decode headers, and join those that appear several times (RFC 9110, section 5.3)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return CaseInsensitiveMapping(found)


def read_body(chunks: Iterable[bytes], headers: CaseInsensitiveMapping[str], *, max_bytes: int, host: str) -> bytes:
    """Read and decompress a body. Stops reading as soon as it is larger than `max_bytes`."""
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > max_bytes:
        raise AnswerTooLarge(host)
    body = bytearray()
    for chunk in _decoded(_limited(chunks, max_bytes, host), headers, max_bytes + 1, host):
        body += chunk
        if len(body) > max_bytes:
            raise AnswerTooLarge(host)
    return bytes(body)


def _limited(chunks: Iterable[bytes], max_bytes: int, host: str) -> Iterator[bytes]:
    """Pass on what arrives, as long as that isn't too large itself."""
    received = 0
    for number, chunk in enumerate(chunks):
        received += len(chunk)
        if received > max_bytes or number > MOST_CHUNKS:
            raise AnswerTooLarge(host)
        yield chunk


def _decoded(chunks: Iterable[bytes], headers: CaseInsensitiveMapping[str], piece: int, host: str) -> Iterator[bytes]:
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return iter(chunks)
    if encoding not in ENCODINGS:
        raise AnswerBroken(host, "the answer has an encoding that wasn't asked for")
    return _inflated(chunks, piece, host)


def _inflated(chunks: Iterable[bytes], piece: int, host: str) -> Iterator[bytes]:
    """Decompress. Each piece is at most `piece` bytes long, and the caller stops when it has enough of them."""
    decoder = None
    try:
        for chunk in filter(None, chunks):
            decoder = decoder or zlib.decompressobj(ANY_HEADER if _has_header(chunk) else NO_HEADER)
            yield decoder.decompress(chunk, piece)
            while decoder.unconsumed_tail:
                yield decoder.decompress(decoder.unconsumed_tail, piece)
    except zlib.error:
        raise AnswerBroken(host) from None
    if decoder and (decoder.unused_data or not decoder.eof):
        raise AnswerBroken(host, "the answer is cut off, or goes on after its end")


def _has_header(start: bytes) -> bool:
    """Return whether this begins like gzip (RFC 1952) or zlib (RFC 1950)."""
    return start.startswith(b"\x1f") or start[0] & 0x0F == 8
