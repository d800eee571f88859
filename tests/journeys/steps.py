"""What people do in a browser. Each step ends by checking that it worked."""

import calendar
import email
import email.policy
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page, expect

PASSWORD = "caledee-demo"
SESSIONS: dict[str, dict] = {}  # the cookies of people at the running demo, by email

# A machine that is busy with other things may take its time; a page that is wrong is wrong after any.
expect.set_options(timeout=20_000)

# Until the scheme is that of the page and every transition of its colours is over; then two frames more.
PAINTED_IN = """async scheme => {
    const painted = () => matchMedia(`(prefers-color-scheme: ${scheme})`).matches
        && document.getAnimations().every(each => each.playState === "finished");
    const frame = () => new Promise(requestAnimationFrame);
    while (!painted()) await frame();
    await frame();
    await frame();
}"""

# From the demo, and then from the cache of the browser: half a megabyte is slow to send through the DevTools protocol.
LOAD_AXE = """() => new Promise((done, fail) => {
    const script = document.createElement("script");
    Object.assign(script, {src: "/static/axe.js", onload: () => done(script.remove()), onerror: fail});
    document.head.append(script);
})"""
# Only the violations: everything else that axe reports would be sent here for nothing.
RUN_AXE = "options => axe.run(options).then(results => results.violations)"
# No rule that runs reads the stylesheets that axe collects by default. One reads how long media last.
AXE_OPTIONS = {"resultTypes": ["violations"], "preload": {"assets": ["media"]}}


def coming(weekday: int, *, weeks: int = 2) -> date:
    """Return a weekday (0 is Monday) in about two weeks."""
    today = datetime.now(UTC).date()
    return today + timedelta(days=(weekday - today.weekday()) % 7, weeks=weeks)


def full_name(day: date) -> str:
    return f"{calendar.day_name[day.weekday()]} {day.day} {calendar.month_name[day.month]} {day.year}"


def sign_in(page: Page, email: str) -> None:
    """Sign in with the form."""
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Event types", level=1)).to_be_visible()


def continue_as(page: Page, email: str) -> None:
    """Sign in, or continue the session of an earlier journey, which saves a second of CPU time.

    A journey that ends its session, or changes what is stored in it, signs in.
    """
    if email in SESSIONS:
        page.context.add_cookies([SESSIONS[email]])
        page.goto("/event-types/")
        expect(page.get_by_role("heading", name="Event types", level=1)).to_be_visible()
    else:
        sign_in(page, email)
        [SESSIONS[email]] = [each for each in page.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME]


def show_month(page: Page, day: date) -> None:
    for _ in range(3):
        if page.get_by_role("button", name=full_name(day), exact=True).count():
            return
        heading = page.locator(".month-grid h2")
        shown = heading.inner_text()
        page.get_by_role("button", name="Next month").click()
        expect(heading).not_to_have_text(shown)
    raise AssertionError(f"{day} is not in the calendar")


def pick_day(page: Page, day: date) -> None:
    show_month(page, day)
    page.get_by_role("button", name=full_name(day), exact=True).click()
    expect(page.get_by_role("heading", name=full_name(day))).to_be_visible()


def add_time(page: Page, day: date) -> None:
    """Add a time on a picked day."""
    section = page.get_by_role("region", name=full_name(day))
    before = section.get_by_label(f"Time on {full_name(day)}").count()
    section.get_by_role("button", name="Add time").click()
    expect(section.get_by_label(f"Time on {full_name(day)}")).to_have_count(before + 1)


def proposed_times(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator("input[name=times]").all()]


def slots(page: Page) -> list[str]:
    """Return the moments on offer from the page's slot buttons or radios."""
    moments = page.locator("[name=slot]:not([type=hidden]) time, label:has([name=slot]) time").all()
    return [moment.get_attribute("datetime") or "" for moment in moments]


def event_type_slots(page: Page, address: str, day: date, time_zone: str = "Europe/London") -> list[str]:
    page.goto(f"{address}?date={day}&time_zone={time_zone}")
    return slots(page)


def book(page: Page, moment: str, name: str, email: str) -> None:
    """Choose the time at `moment` on a booking page, and book it."""
    page.locator(f"[name=slot]:has(time[datetime='{moment}'])").click()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Confirm booking").click()
    expect(page.get_by_role("heading", name="Booked")).to_be_visible()


def expect_accessible(page: Page) -> None:
    """Check with axe-core in the light scheme, and the color rules in the dark one."""
    page.wait_for_load_state("domcontentloaded")
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(LOAD_AXE)
    for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast", "link-in-text-block"]})):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(PAINTED_IN, scheme)
        violations = page.evaluate(RUN_AXE, AXE_OPTIONS | options)
        found = [(each["id"], each["help"], [node["html"] for node in each["nodes"]]) for each in violations]
        assert found == [], f"{page.url} ({scheme}): {found}"
    page.emulate_media(color_scheme="light")


def emails_to(folder: Path, address: str) -> list[email.message.EmailMessage]:
    files = sorted(folder.glob("*.eml")) if folder.exists() else []
    return [message for message in map(read_email, files) if address in message["To"]]


@cache
def read_email(file: Path) -> email.message.EmailMessage:
    """Read the file of an email, which is complete when it appears and never changes."""
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
