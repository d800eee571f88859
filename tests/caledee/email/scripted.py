"""A mail server that follows a test's script at each stage: it responds, hangs, drips octets, or hangs up."""

import socket
from collections import Counter
from threading import Event, Thread

GREETING, EHLO, AUTH, MAIL, RCPT, DATA, DOT, QUIT = "greeting", "ehlo", "auth", "mail", "rcpt", "data", "dot", "quit"
STAGES = [GREETING, EHLO, AUTH, MAIL, RCPT, DATA, DOT, QUIT]
BEFORE_THE_DOT = STAGES[:-2]

# In place of an answer.
HANG, DRIP, CLOSE, DEAF = "(hang)", "(drip)", "(close)", "(deaf)"
SLOWLY = "(slowly) "  # before an answer
MOMENT = 0.02  # seconds between two octets

ANSWERS = {
    GREETING: "220 mail.example.com ESMTP",
    EHLO: "250-mail.example.com\r\n250-AUTH PLAIN\r\n250 SIZE 10000000",
    AUTH: "235 2.7.0 Signed in",
    MAIL: "250 2.1.0 OK",
    RCPT: "250 2.1.5 OK",
    DATA: "354 Go on",
    DOT: "250 2.0.0 Taken",
    QUIT: "221 2.0.0 Bye",
}


class Gone(Exception):
    """The conversation has ended."""


class ScriptedServer:
    """`answers` says what differs from a server that takes everything; `pause` is how slow `SLOWLY` is, in seconds."""

    def __init__(self, pause: float = 0.3, **answers: str) -> None:
        self.answers = ANSWERS | answers
        self.pause = pause
        self.seen: Counter[str] = Counter()
        self.lines: list[str] = []
        self.emails: list[bytes] = []
        self.over = Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.talks: list[socket.socket] = []
        self.threads = [Thread(target=self._serve)]

    def __enter__(self) -> "ScriptedServer":
        self.threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for talk in self.talks:
            talk.close()
        for thread in self.threads:
            thread.join(10)

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                talk, _ = self.listener.accept()
            except OSError:
                return
            self.talks.append(talk)
            self.threads.append(Thread(target=self._talk, args=(talk,)))
            self.threads[-1].start()

    def _talk(self, talk: socket.socket) -> None:
        try:
            with talk, talk.makefile("rb") as lines:
                self._answer(talk, GREETING)
                for line in lines:
                    self.lines.append(line.decode().strip())
                    self._answer(talk, self.lines[-1].split(" ")[0].lower())
                    if self.lines[-1].lower() == "data" and self.answers[DATA].endswith(ANSWERS[DATA]):
                        self._take(talk, lines)
        except (Gone, OSError, ValueError):
            pass

    def _take(self, talk: socket.socket, lines) -> None:
        email = b""
        for line in lines:
            if line == b".\r\n":
                self.emails.append(email)
                self._answer(talk, DOT)
                return
            email += line.removeprefix(b".") if line.startswith(b"..") else line

    def _answer(self, talk: socket.socket, stage: str) -> None:
        self.seen[stage] += 1
        answer = self.answers.get(stage, "250 OK")
        if answer.startswith(SLOWLY):
            self.over.wait(self.pause)
            answer = answer.removeprefix(SLOWLY)
        if answer == CLOSE:
            raise Gone
        if answer == DEAF:
            talk.sendall(b"354 Go on, although nobody reads it\r\n")
        if answer in {HANG, DEAF}:
            self.over.wait()
        while answer == DRIP and not self.over.wait(MOMENT):
            talk.sendall(b"2")
        talk.sendall(f"{answer}\r\n".encode())
