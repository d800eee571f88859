"""Proxies that cut connections on purpose: half of a request is sent, or its response never arrives."""

import select
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Thread

PIECE = 65536
LONGEST_SILENCE = 120  # seconds


class CuttingProxy:
    """Hands on what passes between clients and a server. Of the clients' pieces that hold `word`, a share is deadly:
    the connection ends with half of the piece sent, or when its answer has come, of which nothing is told.
    """

    def __init__(
        self, listener: socket.socket, connect: Callable[[], socket.socket], *, word: bytes, share: float, seed: int
    ) -> None:
        self.listener, self.connect, self.word, self.share = listener, connect, word, share
        self.random = Random(seed)
        self.cuts: Counter[str] = Counter()
        listener.listen(128)
        Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> "CuttingProxy":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                Thread(target=self._hand_on, args=(client,), daemon=True).start()

    def _hand_on(self, client: socket.socket) -> None:
        with client, suppress(OSError), self.connect() as server:
            unheard = False
            while ready := select.select([client, server], [], [], LONGEST_SILENCE)[0]:
                if client in ready:
                    piece = client.recv(PIECE)
                    unheard = unheard or self._is_deadly(piece)
                    if unheard and self.random.random() < 0.5:
                        self.cuts["half sent"] += 1
                        server.sendall(piece[: len(piece) // 2])
                        return
                else:
                    piece = server.recv(PIECE)
                    if unheard:
                        self.cuts["answer unheard"] += 1
                        return
                if not piece:
                    return
                (server if client in ready else client).sendall(piece)

    def _is_deadly(self, piece: bytes) -> bool:
        return self.word in piece and self.random.random() < self.share


def before_web(port: int, seed: int) -> CuttingProxy:
    """Return a proxy in front of a web server that cuts the POSTs."""
    listener = socket.create_server(("127.0.0.1", 0))
    return CuttingProxy(
        listener, lambda: socket.create_connection(("127.0.0.1", port)), word=b"POST /", share=0.08, seed=seed
    )


def before_database(folder: Path, behind: Path, seed: int) -> CuttingProxy:
    """Return a proxy in front of PostgreSQL, at a socket in `folder`, that cuts the COMMITs."""
    name = ".s.PGSQL.5432"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / name))

    def connect() -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(str(behind / name))
        except OSError:
            server.close()
            raise
        return server

    return CuttingProxy(listener, connect, word=b"COMMIT", share=0.1, seed=seed)
