"""Clients that do one random thing after another, over HTTP, and record the responses."""

import re
from collections.abc import Callable
from random import Random
from threading import Event, Thread

from tests.load.browser import Answer, AnswerLost, Browser
from tests.load.world import BROKEN, DONE, LOST, REFUSED, ZONES, Deed, Known, World, some_moment, typed

KEY = r"[0-9a-f]{8}-[0-9a-f-]{27}"
LINK = re.compile(r'value="http[^"]*?(/[a-z]+/o/\w+/)" readonly')
WITHDRAWAL = re.compile(rf'id="withdraw-({KEY})"')
ACCEPTANCE = re.compile(rf'/proposals/({KEY})/accept/".*?name="time" value="({KEY})"', re.S)
TEAM = "analytical-engines"
PAGES = ["/one-offs/", "/meetings/", "/event-types/", "/ada/intro/", "/grace/", f"/{TEAM}/"]


class Client(Thread):
    """Someone who administers the organization, and many invitees."""

    def __init__(self, number: int, seed: int, world: World, port: Callable[[], int], stop: Event, days: int) -> None:
        # No other has this name, nor its marks: there may be more than one load on the same world.
        super().__init__(daemon=True, name=f"{seed}-{len(world.deeds)}-{number}")
        self.number, self.seed, self.world, self.port, self.stop, self.days = number, seed, world, port, stop, days
        self.random = Random(seed * 1000 + number)
        self.email = "ada@example.com" if number % 2 else "grace@example.com"
        self.ours, self.theirs = Browser(0), Browser(0)
        self.counter = 0
        self.error: Exception | None = None
        often = {
            self.create: 10, self.book_link: 8, self.book_event_type: 8, self.move: 6, self.cancel: 5,
            self.cancel_ours: 4, self.withdraw: 4, self.delete: 4, self.reopen: 5, self.propose: 5,
            self.propose_move: 3, self.accept: 5, self.decline: 3, self.look_at_any: 4, self.read: 4,
        }  # fmt: skip
        self.actions, self.weights = list(often), list(often.values())

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.act()
        except Exception as error:
            self.error = error

    def act(self) -> None:
        self.ours.port = self.theirs.port = self.port()
        try:
            if not self.theirs.token:
                self.theirs.get("/accounts/login/")
            self.random.choices(self.actions, self.weights)[0]()
        except AnswerLost:
            self.stop.wait(0.5)

    def ask(self, browser: Browser, path: str, fields: dict[str, object], deed: Deed, success: str) -> Answer:
        """Send a request and record its outcome. `success` is the address that a successful request redirects to."""
        with self.world.lock:
            self.world.deeds.append(deed)
        try:
            answer = browser.post(path, fields)
            if answer.status == 302 and re.fullmatch(success, answer.location):
                deed.outcome = DONE
            elif answer.status in {404, 409, 410} or (answer.status == 302 and answer.location == path):
                deed.outcome = REFUSED
            else:
                deed.outcome = BROKEN
                self.note_surprise(deed.kind, answer)
        finally:
            with self.world.lock:
                self.world.answers[deed.kind, deed.outcome] += 1
        return answer

    def note_surprise(self, what: str, answer: Answer) -> None:
        with self.world.lock:
            self.world.surprises.append(f"{what}: {answer.status} {answer.location}")

    def mark(self, kind: str) -> str:
        self.counter += 1
        return f"{kind}-{self.name}-{self.counter}"

    def moment(self):
        return some_moment(self.random, self.days)

    def create(self) -> None:
        organizer, *others = self.random.sample(list(ZONES), 3)
        starts = list({self.moment() for _ in range(self.random.randint(1, 4))})
        deed = Deed("create", self.mark("meeting"), starts=starts)
        fields = {
            "name": deed.mark, "duration": "30", "location_kind": "video", "location": "https://meet.example.com/x",
            "organizer": organizer, "cohosts": others[: self.random.choice([0, 0, 1, 2])],
            "times": [typed(start, ZONES[organizer]) for start in starts],
            "hold_times": "on" if self.random.random() < 0.7 else "off", "create": "1",
        }  # fmt: skip
        answer = self.ask(self.ours, "/one-offs/new/", fields, deed, rf"/one-offs/{KEY}/")
        if deed.outcome == DONE:
            deed.about = answer.location.split("/")[2]
            self.look_at(deed.about)

    def look_at(self, key: str) -> None:
        answer = self.ours.get(f"/one-offs/{key}/")
        if answer.status == 404:
            self.world.forget(self.world.one_offs, key)
        elif answer.status == 200:
            link = LINK.search(answer.text)
            known = self.world.one_offs.get(key, Known("", []))
            times = WITHDRAWAL.findall(answer.text)
            # The times of one that is booked are those that its booking can be moved to.
            self.world.learn(self.world.one_offs, key, Known(link[1] if link else known.address, times or known.times))
            for proposal, time in ACCEPTANCE.findall(answer.text):
                self.world.learn(self.world.proposals, proposal, (key, time))

    def look_at_any(self) -> None:
        if found := self.world.any_of(self.world.one_offs, self.random):
            self.look_at(found[0])

    def invitee(self, mark: str) -> dict[str, object]:
        return {"name": mark, "email": f"{mark}@example.com", "time_zone": "Europe/London"}

    def book(self, path: str, slot: str, deed: Deed, one_off: str) -> None:
        """Book a time. A client without a response may send the form again."""
        fields = {"slot": slot} | self.invitee(deed.mark)
        for _ in range(self.random.choice([1, 3])):
            try:
                answer = self.ask(self.theirs, path, fields, deed, r"/bookings/\w+/")
            except AnswerLost:
                deed = Deed(deed.kind, deed.mark, starts=deed.starts)
                continue
            if deed.outcome == DONE:
                deed.about = answer.location.split("/")[2]
                self.world.learn(self.world.bookings, deed.about, one_off)
            return

    def book_link(self) -> None:
        found = self.world.any_of(self.world.one_offs, self.random)
        if found and found[1].address and found[1].times:
            self.book(
                found[1].address, self.random.choice(found[1].times), Deed("book link", self.mark("guest")), found[0]
            )

    def book_event_type(self) -> None:
        start = self.moment()
        start = start.replace(minute=start.minute // 30 * 30)
        path = self.random.choice(
            ["/ada/intro/", "/grace/intro/", "/barbara/intro/", f"/{TEAM}/all/", f"/{TEAM}/turns/"]
        )
        deed = Deed("book event type", self.mark("guest"), starts=[start])
        self.book(path, f"{start:%Y-%m-%dT%H:%M:%SZ}", deed, "")

    def move(self) -> None:
        if found := self.world.any_of(self.world.bookings, self.random):
            token, one_off = found
            deed = Deed("move", "", token)
            known = self.world.one_offs.get(one_off)
            if known and known.times:
                slot = self.random.choice(known.times)
            else:
                start = self.moment()
                start = start.replace(minute=start.minute // 30 * 30)
                deed.starts, slot = [start], f"{start:%Y-%m-%dT%H:%M:%SZ}"
            self.ask(self.theirs, f"/bookings/{token}/reschedule/", {"slot": slot}, deed, f"/bookings/{token}/")

    def cancel(self) -> None:
        if found := self.world.any_of(self.world.bookings, self.random):
            token = found[0]
            deed = Deed("cancel", self.mark("reason"), token)
            path = f"/bookings/{token}/"
            self.ask(self.theirs, f"{path}cancel/", {"reason": deed.mark}, deed, path)

    def ask_ours(self, kind: str, address: str, word: str = "", **fields: object) -> str:
        """Do something to any one-off meeting, and return the meeting if it is done."""
        if found := self.world.any_of(self.world.one_offs, self.random):
            deed = Deed(kind, self.mark("word"), found[0])
            fields = {name: deed.mark if value == "mark" else value for name, value in fields.items()}
            path = f"/one-offs/{found[0]}/"
            self.ask(self.ours, f"{path}{address}/", fields, deed, f"{path}|/one-offs/")
            if deed.outcome == DONE:
                return found[0]
        return ""

    def cancel_ours(self) -> None:
        self.ask_ours("cancel ours", "cancel", reason="mark")

    def reopen(self) -> None:
        if key := self.ask_ours("reopen", "reopen"):
            self.look_at(key)

    def delete(self) -> None:
        if key := self.ask_ours("delete", "delete"):
            self.world.forget(self.world.one_offs, key)

    def withdraw(self) -> None:
        found = self.world.any_of(self.world.one_offs, self.random)
        if found and found[1].times:
            key, known = found
            time = self.random.choice(known.times)
            deed = Deed("withdraw", time, key)
            self.ask(self.ours, f"/one-offs/{key}/withdraw/", {"time": time}, deed, f"/one-offs/{key}/")
            if deed.outcome == DONE:
                self.look_at(key)

    def wish(self, deed: Deed) -> dict[str, object]:
        deed.starts = list({self.moment() for _ in range(self.random.randint(1, 3))})
        return {"times": [typed(start, ZONES["ada"]) for start in deed.starts], "note": deed.mark}

    def propose(self) -> None:
        found = self.world.any_of(self.world.one_offs, self.random)
        if found and found[1].address:
            deed = Deed("propose", self.mark("asker"), found[0])
            path = found[1].address
            fields = self.wish(deed) | self.invitee(deed.mark)
            self.ask(self.theirs, f"{path}propose/", fields, deed, path)
            if deed.outcome == DONE:
                self.look_at(found[0])

    def propose_move(self) -> None:
        found = self.world.any_of(self.world.bookings, self.random)
        if found and found[1]:
            deed = Deed("propose a move", self.mark("asker"), found[1])
            path = f"/bookings/{found[0]}/"
            fields = self.wish(deed)
            answer = self.ask(self.theirs, f"{path}propose/", fields, deed, path)
            # The page of a cancelled meeting does not say that anything was sent.
            if answer.status == 302 and answer.query != "sent=yes":
                deed.outcome = REFUSED
            elif deed.outcome == DONE:
                self.look_at(found[1])

    def answer_proposal(self, kind: str, **fields: str) -> None:
        if found := self.world.any_of(self.world.proposals, self.random):
            proposal, (one_off, time) = found
            deed = Deed(kind, self.mark("answer"), proposal)
            fields = {"time": time} if kind == "accept" else {"note": deed.mark}
            path = f"/one-offs/{one_off}/"
            self.ask(self.ours, f"{path}proposals/{proposal}/{kind}/", fields, deed, path)
            if deed.outcome in {DONE, REFUSED}:
                self.world.forget(self.world.proposals, proposal)

    def accept(self) -> None:
        self.answer_proposal("accept")

    def decline(self) -> None:
        self.answer_proposal("decline")

    def read(self) -> None:
        paths = list(PAGES)
        if link := self.world.any_of(self.world.one_offs, self.random):
            paths += [link[1].address] * 3 if link[1].address else []
        if booking := self.world.any_of(self.world.bookings, self.random):
            paths += [f"/bookings/{booking[0]}/"] * 3
        outcome = LOST
        try:
            answer = self.ours.get(self.random.choice(paths))
            outcome = DONE if answer.status in {200, 410} else REFUSED if answer.status == 404 else BROKEN
            if outcome == BROKEN:
                self.note_surprise("read", answer)
        finally:
            with self.world.lock:
                self.world.answers["read", outcome] += 1
