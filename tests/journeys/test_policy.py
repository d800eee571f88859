"""Every page that can be reached by following links, in a browser: no page sends requests to another site or violates
the content security policy."""

import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Page, expect

from tests.authority.matrix import ROWS
from tests.journeys.steps import book, coming, event_type_slots, pick_day, sign_in

SECRET = re.compile(r"/[A-Za-z0-9-]{16,}(?=[/.]|$)")
NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", event =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
MOST_PAGES = 70


def plain_addresses() -> Iterator[str]:
    """Return the addresses that answer GET and need no argument."""
    for name in sorted({row.name for row in ROWS if row.method == "GET"} - {"account_logout"}):
        with suppress(NoReverseMatch):
            yield reverse(name)


def kind_of(address: str) -> str:
    """Return the kind of a page, which ignores its subject and the values of its query. Each kind is visited once."""
    parts = urlsplit(address)
    names = sorted(name.partition("=")[0] for name in parts.query.split("&"))
    return f"{SECRET.sub('/*', parts.path)}?{'&'.join(names)}"


def crawl(page: Page, seeds: list[str]) -> dict[str, list[str]]:
    """Return the violations of each page, by kind."""
    found: dict[str, list[str]] = {}
    waiting = list(seeds)
    while waiting and len(found) < MOST_PAGES:
        address = waiting.pop(0)
        if kind_of(address) in found or address.endswith((".ics", ".json", "/download/", "/logout/")):
            continue
        response = page.goto(address)
        found[kind_of(address)] = page.evaluate("window.violations")
        if not response or "text/html" not in response.headers.get("content-type", ""):
            continue
        links = page.locator("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        whole = [urljoin(page.url, link) for link in links]
        waiting += [link.partition("#")[0] for link in whole if urlsplit(link).netloc == urlsplit(page.url).netloc]
    return found


@pytest.mark.parametrize("who", ["", "ada", *[pytest.param(who, marks=pytest.mark.long) for who in ["alan", "mary"]]])
def test_no_page_breaks_the_policy_or_asks_another_site(visit, demo_server, who):
    page, asked = visit("Europe/London"), set()
    page.add_init_script(NOTE_VIOLATIONS)
    page.on("request", lambda request: asked.add(urlsplit(request.url)[:2]))
    seeds = [*plain_addresses(), "/ada/", "/analytical-engines/", "/ada/intro/", "/nobody-here/"]
    if who:
        sign_in(page, f"{who}@example.com")
        seeds.append(one_off_of(page))
    else:
        book(page, event_type_slots(page, "/mary/intro/", coming(2))[-1], "Dana Scully", "policy@example.com")
        seeds.append(page.url)

    found = crawl(page, [urljoin(demo_server.url, seed) for seed in seeds])

    assert {kind: violations for kind, violations in found.items() if violations} == {}
    assert asked - {("data", ""), ("blob", "")} == {urlsplit(demo_server.url)[:2]}
    assert len(found) > 20


def one_off_of(page: Page) -> str:
    """Create a meeting in the browser and return its page, which leads to the invitee's."""
    page.goto("/one-offs/new/")
    page.get_by_label("Name", exact=True).fill("Policy")
    pick_day(page, coming(4))
    page.get_by_role("button", name="Create the link").click()
    expect(page.get_by_label("Link", exact=True)).to_be_visible()
    return page.get_by_label("Link", exact=True).input_value()


def test_policy_would_be_seen_to_be_broken(browser, demo_server):
    """Prove that the test above finds a script without a nonce, and an image from another site."""
    page = browser.new_page(base_url=demo_server.url)
    page.add_init_script(NOTE_VIOLATIONS)
    page.goto("/")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.smuggled = true";
        document.body.append(script);
        const picture = new Image();
        picture.src = "https://evil.example/x.png";
        document.body.append(picture);
    }""")
    page.wait_for_function("window.violations.length >= 2")

    seen = page.evaluate("window.violations")
    assert sorted(each.partition(" ")[0] for each in seen) == ["img-src", "script-src-elem"]
    assert page.evaluate("window.smuggled") is None
    page.close()
