"""From signing up to a passkey, in a real browser; the codes come by email."""

import base64
import hashlib
import hmac
import re
import secrets
import struct
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.steps import expect_accessible, read_email
from tests.support.demo_process import wait_until

FIRST, SECOND = "orbit-the-earth-3", "land-on-the-moon-11"
CODE = re.compile(r"^[A-Z]{4}-[A-Z]{4}(?=\r?$)", re.M)


class Mailbox:
    """The emails of one person."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        self.seen: set[str] = set()

    def next_code(self) -> str:
        """Return the newest code that was not returned before."""
        codes: list[str] = []
        wait_until(lambda: codes.extend(self._unseen_codes()) or codes, what="an email with a code")
        return codes[-1]

    def _unseen_codes(self) -> list[str]:
        files = [file for file in sorted(self.folder.glob("*.eml")) if file.name not in self.seen]
        codes = []
        for file in files:
            message = read_email(file)
            body = message.get_body(["plain"]).get_content()
            if message["To"] == self.address and (code := CODE.search(body)):
                codes.append(code[0])
                self.seen.add(file.name)
        return codes


@pytest.fixture
def mailbox(demo_server) -> Mailbox:
    return Mailbox(demo_server.mail_dir, f"katherine-{secrets.token_hex(4)}@example.com")


def expect_page(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def ask_for_account(page: Page, mailbox: Mailbox) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Name").fill("Katherine Johnson")
    page.get_by_label("Email").fill(mailbox.address)
    page.get_by_label("Password").fill(FIRST)
    press(page, "Create account")
    expect_page(page, "Confirm your email address")


def sign_up(page: Page, mailbox: Mailbox) -> None:
    ask_for_account(page, mailbox)
    page.get_by_label("Code").fill(mailbox.next_code())
    press(page, "Confirm")
    page.wait_for_url("**/start/")
    press(page, "Skip setup")
    page.wait_for_url("**/event-types/")


def walk_through_first_steps(page: Page) -> None:
    """Set the hours, leave the event type for later, and end on the event types."""
    expect_page(page, "When do you work?")
    expect_accessible(page)
    press(page, "Continue")
    expect_page(page, "What can people book?")
    expect_accessible(page)
    page.get_by_role("link", name="Skip this step").click()
    expect_page(page, "Links come from event types")
    expect_accessible(page)
    press(page, "Finish")
    page.wait_for_url("**/event-types/")
    expect_page(page, "Event types")


def sign_in_with(page: Page, address: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(address)
    page.get_by_label("Password").fill(password)
    press(page, "Sign in")


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: not url.endswith("/logout/"))


def say_who_one_is(page: Page) -> None:
    expect_page(page, "Confirm it's you")
    page.get_by_label("Password").fill(FIRST)
    press(page, "Continue")


def code_of_app(secret: str, steps: int) -> str:
    """Return the code of RFC 6238: six digits of an HMAC of the time, so many steps of 30 seconds from now."""
    key = base64.b32decode(secret.replace(" ", ""))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_new_person_confirms_their_address_and_later_forgets_their_password(page: Page, mailbox):
    ask_for_account(page, mailbox)
    expect_accessible(page)
    first = mailbox.next_code()
    page.get_by_label("Code").fill("BBBB-BBBB")
    press(page, "Confirm")
    expect(page.get_by_label("Code")).to_be_focused()
    expect_accessible(page)
    page.get_by_label("Code").fill(first)
    press(page, "Confirm")
    walk_through_first_steps(page)
    sign_out(page)

    page.goto("/accounts/login/")
    expect_accessible(page)
    page.get_by_role("link", name="Forgot your password?").click()
    expect_page(page, "Forgot your password?")
    expect_accessible(page)
    page.get_by_label("Email").fill(mailbox.address)
    press(page, "Send code")
    expect_page(page, "Enter the code")
    expect_accessible(page)
    page.get_by_label("Code").fill(mailbox.next_code())
    press(page, "Continue")
    expect_page(page, "Choose a new password")
    expect_accessible(page)
    page.get_by_label("New password").fill(SECOND)
    press(page, "Change password")

    expect_page(page, "Sign in")
    sign_in_with(page, mailbox.address, SECOND)
    page.wait_for_url("**/event-types/")


def test_authenticator_app_is_asked_for_after_the_password(page: Page, mailbox):
    sign_up(page, mailbox)
    page.goto("/accounts/security/")
    expect_accessible(page)
    page.get_by_role("link", name="Set up an app").click()
    expect_page(page, "Confirm it's you")
    expect_accessible(page)
    say_who_one_is(page)
    expect_page(page, "Set up an authenticator app")
    expect_accessible(page)
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Code").fill(code_of_app(secret, 0))
    press(page, "Set up the app")
    expect_page(page, "Recovery codes")
    expect_accessible(page)
    recovery_code = page.locator("#codes li").first.inner_text()
    for address, heading in [
        ("/accounts/2fa/codes/new/", "Create new recovery codes?"),
        ("/accounts/2fa/app/remove/", "Remove the authenticator app?"),
        ("/accounts/email/", "Your email address"),
        ("/accounts/password/change/", "Your password"),
    ]:
        page.goto(address)
        expect_page(page, heading)
        expect_accessible(page)

    sign_out(page)
    sign_in_with(page, mailbox.address, FIRST)
    expect_page(page, "One more step")
    expect_accessible(page)
    page.get_by_label("Code").fill(code_of_app(secret, 1))
    press(page, "Continue")
    page.wait_for_url("**/event-types/")

    sign_out(page)
    sign_in_with(page, mailbox.address, FIRST)
    page.get_by_label("Code").fill(recovery_code)
    press(page, "Continue")
    page.wait_for_url("**/event-types/")


def test_passkey_signs_in_without_a_password(browser, base_url, mailbox):
    context = browser.new_context(base_url=base_url.replace("127.0.0.1", "localhost"), reduced_motion="reduce")
    page = context.new_page()
    add_virtual_authenticator(page)
    sign_up(page, mailbox)
    page.goto("/accounts/passkeys/add/")
    say_who_one_is(page)
    expect_page(page, "Add a passkey")
    expect_accessible(page)
    page.get_by_label("Name").fill("Laptop")
    press(page, "Add passkey")
    expect_page(page, "Recovery codes")
    sign_out(page)

    page.goto("/accounts/login/")
    page.get_by_role("link", name="Sign in with a passkey").click()
    expect_page(page, "Sign in with a passkey")
    expect_accessible(page)
    press(page, "Use a passkey")
    page.wait_for_url("**/event-types/")
    sign_out(page)
    sign_in_with(page, mailbox.address, FIRST)
    expect_page(page, "One more step")
    expect_accessible(page)
    press(page, "Use a passkey")
    page.wait_for_url("**/event-types/")

    page.goto("/accounts/security/")
    expect_accessible(page)
    page.get_by_role("link", name="Rename or remove Laptop").click()
    expect_page(page, "Confirm it's you")
    expect_accessible(page)
    press(page, "Use a passkey")
    expect_page(page, "Laptop")
    expect_accessible(page)
    press(page, "Remove")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The passkey has been removed.")).to_be_visible()
    context.close()


def add_virtual_authenticator(page: Page) -> None:
    """Add a device that keeps passkeys and is always unlocked, through the DevTools protocol."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
