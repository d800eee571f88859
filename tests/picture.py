"""`uv run python -m tests.picture`: take the README's picture of the demo again, as `static/screenshot.png`."""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.steps import add_time, pick_day
from tests.support.demo_process import CHECKOUT, DemoProcess, remove_server

PICTURE = CHECKOUT / "static" / "screenshot.png"
BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
SIZE = {"width": 1120, "height": 760}


def main() -> None:
    with DemoProcess(Path(tempfile.mkdtemp()) / "data") as demo, sync_playwright() as playwright:
        demo.wait_until_ready()
        path = next((each for each in BROWSERS if Path(each).exists()), None)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        take(browser, demo.url)
        browser.close()
        demo.stop()
    remove_server(demo.folder / "postgresql")


def take(browser: Browser, url: str) -> None:
    page = browser.new_page(base_url=url, viewport=SIZE, locale="en-GB", timezone_id="Europe/London")
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password").fill("caledee-demo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/event-types/")
    days = days_with_meetings(page)
    page.goto("/one-offs/new/")
    page.get_by_label("Name", exact=True).fill("Interview with Dana")
    for day in days[1:3]:  # each has a booked and a held time
        pick_day(page, day)
    add_time(page, days[1])
    page.evaluate("document.activeElement.blur(); document.querySelector('[role=grid]').scrollIntoView()")
    page.mouse.wheel(0, -90)
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURE)


def days_with_meetings(page: Page) -> list[date]:
    page.goto("/meetings/")
    headings = page.get_by_role("main").get_by_role("heading", level=2).all_inner_texts()
    return [datetime.strptime(heading, "%A %d %B %Y").replace(tzinfo=UTC).date() for heading in headings]


if __name__ == "__main__":
    main()
