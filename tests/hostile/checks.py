"""Checks for every response and for all results of what was typed, with independent parsers."""

import email
import email.policy
import re
from email.message import EmailMessage
from functools import lru_cache
from urllib.parse import urlsplit

from django.apps import apps
from django.core import mail as outbox
from django.db import connection
from icalendar import Calendar
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.hostile.wire import Answer
from tests.support.pages import Element, TreeBuilder

# No line break: that one has its place in texts of several lines.
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# The nonce of the policy and the masked CSRF secret, which each answer has anew.
RANDOM = re.compile(r'(?<= nonce=")[\w-]+(?=")|(?<= name="csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}(?=")')
TAGS = {
    "a", "abbr", "article", "aside", "b", "blockquote", "body", "br", "button", "caption", "circle", "code",
    "datalist", "dd", "defs", "del", "details", "dialog", "div", "dl", "dt", "ellipse", "fieldset", "figcaption",
    "figure", "footer", "form", "g", "h1", "h2", "h3", "head", "header", "hr", "html", "img", "input", "label",
    "legend", "li", "line", "link", "main", "menu", "meta", "nav", "ol", "optgroup", "option", "p", "path",
    "pattern", "polyline", "pre", "q", "rect", "script", "section", "select", "small", "span", "strong", "summary",
    "svg", "table", "tbody", "td", "text", "textarea", "th", "thead", "time", "title", "tr", "ul", "use",
}  # fmt: skip
ADDRESSES = {"href", "src", "action", "formaction", "hx-get", "hx-post", "poster", "data", "cite", "background"}
SCHEMES = {"", "http", "https", "mailto", "webcal", "tel"}
HEADERS = {
    "Allow", "Cache-Control", "Connection", "Content-Disposition", "Content-Encoding", "Content-Language",
    "Content-Length", "Content-Security-Policy", "Content-Type", "Cross-Origin-Opener-Policy", "Date", "ETag",
    "Expires", "HX-Redirect", "Last-Modified", "Location", "Referrer-Policy", "Retry-After", "Server", "Set-Cookie",
    "Vary", "X-Content-Type-Options", "X-Frame-Options", "X-Request-ID", "X-Robots-Tag",
}  # fmt: skip
COOKIES = {"csrftoken", "messages", "sessionid", "bookings", "known_browser", "time_zone", "clock"}
MAIL_HEADERS = {
    "Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID",
    "Reply-To", "Subject", "To", "X-Auto-Response-Suppress",
}  # fmt: skip
CALENDAR_PROPERTIES = {
    "ATTENDEE", "CALSCALE", "COMMENT", "CREATED", "DESCRIPTION", "DTEND", "DTSTAMP", "DTSTART", "LAST-MODIFIED",
    "LOCATION", "METHOD", "NAME", "ORGANIZER", "PRODID", "REFRESH-INTERVAL", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP",
    "TZID", "TZOFFSETFROM", "TZOFFSETTO", "UID", "URL", "VERSION", "X-MICROSOFT-CDO-BUSYSTATUS", "X-PUBLISHED-TTL",
    "X-WR-CALNAME",
}  # fmt: skip
# Signed or encoded, or another library's own.
ENCODED = {"sessions.Session", "mfa.Authenticator"}
PARAMETERS = {"CN", "PARTSTAT", "ROLE", "RSVP", "VALUE"}


class Reader(TreeBuilder):
    """Fails if an attribute is repeated: browsers would take the first."""

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), f"<{tag}> has an attribute twice: {attrs}"
        super().handle_starttag(tag, attrs)


def read_page(text: str) -> Element:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == [reader.root]
    return reader.root


def check_answer(answer: Answer) -> Element | None:
    """Check that the response has all guards of ours, and return the page if it is one."""
    assert answer.status < 500, answer.status
    names = {name for name, _ in answer.headers.items()}
    assert names <= HEADERS, names - HEADERS
    assert not any(CONTROL.search(value) or "\n" in value for value in answer.headers.values())
    set_cookies = {value.partition("=")[0] for value in answer.headers.get_all("Set-Cookie", [])}
    assert set_cookies <= COOKIES, set_cookies
    assert is_ours(answer.headers.get("Location", "/")), answer.headers["Location"]
    if not answer.is_page:
        return None
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return check_page(RANDOM.sub("x", answer.text)) if answer.content else None


def is_ours(address: str) -> bool:
    return address.startswith("/") and not address.startswith(("//", "/\\"))


@lru_cache(maxsize=256)
def check_page(text: str, *, is_email: bool = False) -> Element:
    """Most requests get a page that was checked before, apart from what is random in it."""
    page = read_page(text)
    for element in page:
        if element is page:
            continue
        assert is_email or element.tag in TAGS, f"<{element.tag}>"
        for name, value in element.attributes.items():
            assert not name.startswith(("on", "smuggled")), f"<{element.tag} {name}={value!r}>"
            assert is_email or name != "style", f"<{element.tag} {name}={value!r}>"
            if name in ADDRESSES:
                assert urlsplit(value).scheme in SCHEMES, f"<{element.tag} {name}={value!r}>"
        if element.tag == "script":
            assert not is_email
            assert {"src", "nonce"} & element.attributes.keys()
            assert "smuggled" not in element.text
    return page


def check_emails(jobs_before: int) -> list[EmailMessage]:
    """Run the new jobs. Check that each email has one recipient, and only our own words in its headers."""
    outbox.outbox.clear()
    for job in ProcrastinateJob.objects.filter(id__gt=jobs_before, queue_name="mail", status="todo").order_by("id"):
        app.tasks[job.task_name](**job.args)
    read = [email.message_from_bytes(each.message().as_bytes(), policy=email.policy.default) for each in outbox.outbox]
    for message in read:
        check_email(message)
    return read


def check_email(message: EmailMessage) -> None:
    assert set(message.keys()) <= MAIL_HEADERS, set(message.keys()) - MAIL_HEADERS
    assert len(message["To"].addresses) == 1
    assert [address.addr_spec for address in message["From"].addresses] == ["caledee@caledee.test"]
    assert len(message["Reply-To"].addresses) == 1 if message["Reply-To"] else True
    for name, value in message.items():
        assert not CONTROL.search(value), (name, value)
        assert "\n" not in value, (name, value)
        assert not value.defects, (name, value.defects)
    for part in message.walk():
        assert not part.defects
        assert part.is_multipart() or part.get_content_type() in {"text/plain", "text/html", "text/calendar"}
    text = message.get_body(["plain"]).get_content()
    assert not CONTROL.search(text.replace("\r\n", "\n")), text
    check_page(message.get_body(["html"]).get_content(), is_email=True)
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            check_calendar(part.get_payload(decode=True), events=1)


def check_calendar(octets: bytes, *, events: int | None = None) -> Calendar:
    lines = octets.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75
    calendar = Calendar.from_ical(octets)
    assert events is None or len(calendar.events) == events
    for component in calendar.walk():
        assert set(component) <= CALENDAR_PROPERTIES, set(component) - CALENDAR_PROPERTIES
        assert not component.errors
        for _, value in component.property_items():
            parameters = getattr(value, "params", {})
            assert set(parameters) <= PARAMETERS
            said = [value.decode() if isinstance(value, bytes) else str(value), *parameters.values()]
            assert not any(CONTROL.search(str(each)) for each in said), said
    return calendar


def check_rows() -> None:
    """Check that no row of the database contains a character that could break out of its context."""
    labels = [model._meta for model in apps.get_models() if model._meta.label not in ENCODED]
    each = " UNION ALL ".join(
        f"SELECT '{meta.label}', t::text FROM \"{meta.db_table}\" t WHERE t::text ~ %(control)s" for meta in labels
    )
    with connection.cursor() as cursor:
        cursor.execute(each, {"control": CONTROL.pattern.replace("\x00-", "\x01-")})
        assert cursor.fetchall() == []


def newest_job() -> int:
    return ProcrastinateJob.objects.order_by("-id").values_list("id", flat=True).first() or 0
