"""`uv run python -m tests.picture`: take the README's picture of the demo again, as `static/screenshot.png`."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.demo_process import CHECKOUT, DemoProcess, remove_server

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
    page.goto("/one-offs/new/")
    page.get_by_label("Name", exact=True).fill("Interview with Dana")
    page.get_by_role("button", name="Next month").click()
    for number in (8, 10):
        days_of(page).nth(number).click()
        page.get_by_role("button", name="Remove").nth(number // 10).wait_for()
    page.get_by_role("button", name="Add time").first.click()
    page.get_by_role("button", name="Remove").nth(2).wait_for()
    page.evaluate("document.activeElement.blur(); document.querySelector('[role=grid]').scrollIntoView()")
    page.mouse.wheel(0, -90)
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURE)


def days_of(page: Page) -> Locator:
    return page.get_by_role("grid").get_by_role("button")


if __name__ == "__main__":
    main()
