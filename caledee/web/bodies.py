"""Read the bodies of refused requests. Does not import Django: code that runs before it uses this."""

from collections.abc import Callable

PIECE = 64 * 1024
MOST_PIECES = 512  # 32 MB


def read_to_end(read: Callable[[int], bytes]) -> None:
    """Read the rest of a body, up to a limit.

    If a server closes a connection that still receives bytes, the connection is reset and the response is lost.
    """
    for _ in range(MOST_PIECES):
        if not read(PIECE):
            break
