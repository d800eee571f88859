"""The emails of the demo in a browser: as readable as in an email program, and as safe."""

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import book, coming, emails_to, event_type_slots, expect_accessible
from tests.support.demo_process import wait_until

HOSTILE = "20260101T000000000000Z-0badbad0"  # older than every other, so it stays at the end of the list
MARKUP = """<!doctype html><html><head>
<base href="https://evil.invalid/" target="_top">
<meta http-equiv="refresh" content="0;url=https://evil.invalid/">
<style>p { color: rgb(1, 2, 3) }</style>
</head><body>
<script>document.title = "ran"</script>
<p id="sheet">One</p><p id="inline" style="color: rgb(4, 5, 6)">Two</p>
<a href="/accounts/logout/" target="_top">Out</a>
<img src="https://evil.invalid/" onerror="document.title = 'ran'">
<form action="/accounts/logout/" method="post" target="_top"><button>Out</button></form>
</body></html>"""


@pytest.mark.parametrize("javascript", [True, False])
def test_a_link_in_an_email_opens_the_booking_in_a_new_tab(visit, demo_server, javascript):
    dana = visit("Europe/London", javascript=javascript)
    address = f"mailbox-{javascript}@example.com".lower()
    book(dana, event_type_slots(dana, "/grace/intro/", coming(2, weeks=7))[javascript], "Dana Scully", address)
    wait_until(lambda: emails_to(demo_server.mail_dir, address), 60, what="the invitee's email")
    booking = dana.url

    dana.goto("/demo/mail/")
    dana.get_by_role("listitem").filter(has_text=address).get_by_role("link").click()
    with dana.context.expect_page() as opened:
        dana.frame_locator("iframe").get_by_role("link", name="See, change or cancel it").click()

    expect(opened.value.get_by_role("heading", name="Booked")).to_be_visible()
    assert opened.value.url == booking
    if javascript:
        expect_accessible(dana)
        dana.goto("/demo/mail/")
        expect_accessible(dana)


def test_a_hostile_email_keeps_its_styles_and_nothing_else(visit, demo_server, base_url):
    file = demo_server.mail_dir / f"{HOSTILE}.eml"
    file.write_text(f"To: ada@example.com\nSubject: Hello\nContent-Type: text/html\n\n{MARKUP}")
    page = visit("Europe/London").context.new_page()
    address = f"{base_url}/demo/mail/{HOSTILE}/"

    page.goto(address)
    email = page.frames[1]
    page.wait_for_load_state("networkidle")

    colours = [email.locator(each).evaluate("it => getComputedStyle(it).color") for each in ("#sheet", "#inline")]
    assert colours == ["rgb(1, 2, 3)", "rgb(4, 5, 6)"]
    email.get_by_role("link").click()
    email.get_by_role("button").click()
    page.keyboard.press("Tab")
    assert (email.url, email.title(), page.url) == (f"{address}message.html", "", address)
    assert email.evaluate("document.images[0].naturalWidth") == 0
    file.unlink()
