"""A new person sets clock and colors, moves to another address, and deletes the account."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.steps import PASSWORD, book, coming, emails_to, event_type_slots, expect_accessible, sign_in
from tests.support.demo_process import wait_until


@pytest.fixture
def visit(browser: Browser, base_url):
    contexts = []

    def act(*, javascript: bool = True) -> Page:
        context = browser.new_context(
            base_url=base_url,
            timezone_id="America/New_York",
            locale="en-GB",
            java_script_enabled=javascript,
            color_scheme="light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        return page

    yield act
    for context in contexts:
        context.close()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_from_the_first_setting_to_the_way_out(visit, demo_server, javascript):
    handle = "katherine" if javascript else "katherine-plain"
    new_handle, invitee = f"{handle}-j", f"dana-of-{handle}@example.com"
    email, day = f"{handle}@example.com", coming(2)
    check = expect_accessible if javascript else lambda page: None
    page, dana = visit(javascript=javascript), visit(javascript=javascript)

    # Clock, week and colours show at once.
    sign_in(page, email)
    page.get_by_role("link", name="Settings for Katherine Johnson").click()
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    check(page)
    page.get_by_label("12 hours, such as 2:30 pm").check()
    page.get_by_label("Sunday").check()
    page.get_by_label("Dark").check()
    save(page)
    expect(page.get_by_text("Your settings have been saved.")).to_be_visible()
    assert page.locator("html").get_attribute("data-color-scheme") == "dark"
    if javascript:
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    check(page)
    page.goto("/availability/")
    expect(page.get_by_text("Working 9:00 am to 5:00 pm").first).to_be_visible()
    expect(page.locator(".hours-name").first).to_have_text("Sunday")
    check(page)

    # Another address: one that is taken, then one that is free. The old one leads on.
    page.goto("/settings/")
    page.get_by_label("Address of your booking page").fill("Ada")
    page.get_by_label("Name", exact=True).fill("Katherine G. Johnson")
    save(page)
    error = page.get_by_role("paragraph").filter(has_text="This address is already taken. Choose another.")
    expect(error).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Katherine G. Johnson")
    expect(page.get_by_label("Address of your booking page")).to_have_value("Ada")
    check(page)
    page.get_by_label("Address of your booking page").fill(new_handle)
    save(page)
    expect(page.get_by_role("link", name=f"/{new_handle}/")).to_be_visible()
    moments = event_type_slots(dana, f"/{handle}/intro/", day, "America/New_York")
    assert f"/{new_handle}/intro/" in dana.url
    expect(dana.locator("[name=slot]").first).to_contain_text("09:00")
    book(dana, moments[0], "Dana Scully", invitee)

    # All data.
    page.goto("/settings/data/")
    check(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the calendar").click()
    assert download.value.suggested_filename == "meetings.ics"

    # And out.
    page.goto("/settings/")
    page.get_by_role("link", name="Delete my account").click()
    expect(
        page.get_by_text("1 upcoming meeting will be cancelled, and everyone invited will be notified by email.")
    ).to_be_visible()
    check(page)
    page.get_by_label("Your password").fill("not this one")
    page.get_by_role("button", name="Delete my account").click()
    wrong = page.get_by_role("paragraph").filter(has_text="Incorrect password. Try again.")
    expect(wrong).to_be_visible()
    check(page)
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.get_by_text("Your account has been deleted.")).to_be_visible()
    assert [page.goto(f"/{each}/").status for each in (handle, new_handle)] == [404, 404]
    dana.reload()
    expect(dana.get_by_role("heading", name="Cancelled.")).to_be_visible()
    wait_until(
        lambda: any(
            message["Subject"].startswith("Cancelled") for message in emails_to(demo_server.mail_dir, invitee)
        ),
        60,
        what="the cancellation for the invitee",
    )
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Incorrect email or password.").first).to_be_visible()
