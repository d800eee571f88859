"""Pages without cookies, after the loss of cookies, and against other sites that want to use them."""

import json

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import BROWSER_ARGUMENTS, DemoServer, browser_path
from tests.journeys.steps import PASSWORD, book, coming, continue_as, expect_accessible, sign_in, slots

REFUSED = {"profile": {"default_content_setting_values": {"cookies": 2}}}
FORGED = """<form method="post" action="{}"><input name="reason" value="Forged"><button>Win a prize</button></form>"""


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def cookieless(request, browser: Browser, demo_server: DemoServer, tmp_path):
    """A browser that refuses all cookies."""
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(REFUSED))
    context = browser.browser_type.launch_persistent_context(
        str(tmp_path),
        executable_path=browser_path(),
        args=BROWSER_ARGUMENTS,
        base_url=demo_server.url,
        timezone_id="Europe/Paris",
        java_script_enabled=request.param,
    )
    yield context.pages[0]
    assert context.cookies() == []
    context.close()


def test_an_invitee_without_cookies_books_moves_asks_and_cancels(visit, cookieless, request):
    page, script = cookieless, "without" not in request.node.callspec.id
    day = coming(3 if script else 4, weeks=5)
    page.goto(f"/alan/intro/?date={day}&time_zone=Europe/Paris")
    first, second = slots(page)[:2]
    book(page, first, "Noor Cook", "noor@example.com")

    page.get_by_role("link", name="Change the time").click()
    page.goto(f"{page.url}?date={day}&time_zone=Europe/Paris")
    page.locator(f"[name=slot]:has(time[datetime='{second}'])").click()
    page.get_by_role("button", name="Change to this time").click()
    expect(page.get_by_role("heading", name="Booked")).to_be_visible()
    assert page.locator(".facts time").get_attribute("datetime") == second
    page.get_by_role("button", name="Cancel meeting").click()
    page.get_by_label("Reason").fill("I can't come.")
    page.get_by_role("button", name="Cancel meeting").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()


def test_signing_in_again_in_another_tab_loses_nothing_that_was_typed(visit):
    page = visit("Europe/London")
    sign_in(page, "ada@example.com")
    page.goto("/one-offs/new/")
    page.get_by_label("Name", exact=True).fill("Typed before")
    other = page.context.new_page()
    other.goto("/accounts/logout/")
    other.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("link", name="Sign in").first).to_be_visible()
    sign_in(other, "ada@example.com")

    page.get_by_role("button", name="Next month").click()
    expect(page.get_by_role("heading", name="This form has expired")).to_be_visible()
    expect(page).to_have_title("This form has expired · Caledee")
    expect_accessible(page)
    page.get_by_role("button", name="Send again").click()

    expect(page.get_by_label("Name", exact=True)).to_have_value("Typed before")
    page.context.clear_cookies()
    page.get_by_role("button", name="Create the link").click()
    expect(page.get_by_role("heading", name="Sign in to continue")).to_be_visible()
    expect_accessible(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    opened.value.locator("[name=login]").fill("ada@example.com")
    opened.value.locator("[name=password]").fill(PASSWORD)
    opened.value.get_by_role("button", name="Sign in").click()
    expect(opened.value.get_by_role("heading", name="Event types", level=1)).to_be_visible()
    for _ in range(2):  # signing in has changed the token once more
        page.get_by_role("button", name="Send again").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Typed before")


def test_another_site_cannot_send_a_form_in_the_organizers_name(visit, demo_server):
    dana, ada = visit("Europe/London"), visit("Europe/London")
    dana.goto(f"/ada/intro/?date={coming(2, weeks=5)}&time_zone=Europe/London")
    book(dana, slots(dana)[3], "Dana Forged", "dana-forged@example.com")
    continue_as(ada, "ada@example.com")
    evil = ada.context.new_page()
    forms = "".join(FORGED.format(each) for each in (f"{dana.url}cancel/", f"{demo_server.url}/event-types/new/"))
    evil.route("http://localhost:1/", lambda route: route.fulfill(body=forms, content_type="text/html"))
    for button in range(2):
        evil.goto("http://localhost:1/")
        evil.get_by_role("button", name="Win a prize").nth(button).click()
        expect(evil.get_by_role("heading", name="This form was sent from another site")).to_be_visible()
        assert "Forged" not in evil.content()

    dana.reload()
    expect(dana.get_by_role("heading", name="Booked")).to_be_visible()
