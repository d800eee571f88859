"""A calendar at an address on this machine, for the demo to read."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENTRY = "BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:{start}\r\nDTEND:{end}\r\nSUMMARY:Secret title\r\nEND:VEVENT\r\n"
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test\r\nX-WR-CALNAME:Family\r\n{}END:VCALENDAR\r\n"


@dataclass
class CalendarFeed:
    """Answers once `answering` is set, with `entries`: starts and ends."""

    url: str = ""
    entries: list[tuple[datetime, datetime]] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)

    def text(self) -> str:
        moments = [[f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" for moment in entry] for entry in self.entries]
        entries = [ENTRY.format(number=number, start=start, end=end) for number, (start, end) in enumerate(moments)]
        return CALENDAR.format("".join(entries))


@contextmanager
def serving_feed() -> Iterator[CalendarFeed]:
    feed = CalendarFeed()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed.answering.wait(30)
            body = feed.text().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/calendar")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name in the standard library)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    feed.url = f"http://127.0.0.1:{server.server_address[1]}/s3cret.ics"
    try:
        yield feed
    finally:
        feed.answering.set()
        server.shutdown()
        server.server_close()
        thread.join()
