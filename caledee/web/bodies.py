"""Bodies of requests that were refused. Knows nothing of Django: what is imported first may import this."""

from collections.abc import Callable

PIECE = 64 * 1024
MOST_PIECES = 512  # 32 MB


def read_to_end(read: Callable[[int], bytes]) -> None:
    """Read what is left of a body, as far as is bearable.

    A server that closes a connection on which bytes still arrive resets it, and the answer never gets there.
    """
    for _ in range(MOST_PIECES):
        if not read(PIECE):
            break
