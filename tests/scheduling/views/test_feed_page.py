import pytest

from scheduling.feeds.addresses import feed_of, open_feed
from tests.support.pages import read
from tests.support.tables import all_rows
from tests.support.times import NOW

PAGE = "/settings/calendar-feed/"
STEPS = ["start/", "renew/", "stop/"]


def buttons_on(page) -> list[str]:
    return [each.text for each in page.one("main").all("button")]


def messages_on(page) -> str:
    return page.by_id("messages").text


def test_without_a_feed_the_page_offers_to_make_one(browser_of, ada, grace):
    other = open_feed(grace, now=NOW)

    response = browser_of(ada).get(PAGE)

    page = read(response)
    assert page.one("title").text == "Calendar feed · Caledee"
    assert page.one("h1").text == "Calendar feed"
    assert buttons_on(page) == ["Create a feed"]
    assert page.one("form", class_="empty")["action"] == "/settings/calendar-feed/start/"
    assert other.token not in response.content.decode()


def test_a_feed_is_made_and_its_address_shown_both_ways(browser_of, ada):
    browser = browser_of(ada)

    response = browser.post(f"{PAGE}start/")

    assert (response.status_code, response["Location"]) == (302, PAGE)
    page = read(browser.get(PAGE))
    token = feed_of(ada).token
    assert page.by_id("address")["value"] == f"http://caledee.test/feeds/{token}.ics"
    (link,) = [each for each in page.all("a") if each.text == "Open in your calendar"]
    assert link["href"] == f"webcal://caledee.test/feeds/{token}.ics"
    assert messages_on(page) == "Your calendar feed is ready. Add its address to your calendar app."
    assert browser.get(f"/feeds/{token}.ics").status_code == 200


def test_making_one_twice_keeps_the_first(browser_of, ada):
    browser = browser_of(ada)
    browser.post(f"{PAGE}start/")
    token = feed_of(ada).token

    browser.post(f"{PAGE}start/")

    assert feed_of(ada).token == token


def test_a_new_address_replaces_the_old_one(browser_of, ada, client):
    old, browser = open_feed(ada, now=NOW).token, browser_of(ada)

    response = browser.post(f"{PAGE}renew/")

    assert (response.status_code, response["Location"]) == (302, PAGE)
    new = feed_of(ada).token
    assert [client.get(f"/feeds/{token}.ics").status_code for token in (old, new)] == [404, 200]
    response = browser.get(PAGE)
    assert read(response).by_id("address")["value"] == f"http://caledee.test/feeds/{new}.ics"
    assert messages_on(read(response)) == "Your feed has a new address. The old one no longer works."
    assert old not in response.content.decode()


def test_a_feed_is_stopped_and_stays_so(browser_of, ada, grace, client):
    feed, other, browser = open_feed(ada, now=NOW), open_feed(grace, now=NOW), browser_of(ada)

    response = browser.post(f"{PAGE}stop/")
    browser.post(f"{PAGE}renew/")

    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert [client.get(f"/feeds/{token}.ics").status_code for token in (feed.token, other.token)] == [404, 200]
    page = read(browser.get(PAGE))
    assert buttons_on(page) == ["Create a feed"]
    assert messages_on(page) == "The feed was stopped. Its address no longer works."


@pytest.mark.parametrize("has_feed", [True, False])
def test_looking_changes_nothing(browser_of, ada, has_feed):
    if has_feed:
        open_feed(ada, now=NOW)
    browser = browser_of(ada)
    before = all_rows()

    answers = [browser.get(PAGE), browser.head(PAGE), *(browser.get(f"{PAGE}{step}") for step in STEPS)]

    assert [answer.status_code for answer in answers] == [200, 200, 405, 405, 405]
    assert all_rows() == before


def test_nobody_makes_or_stops_a_feed_without_signing_in(client, ada):
    feed = open_feed(ada, now=NOW)

    answers = [client.get(PAGE), *(client.post(f"{PAGE}{step}") for step in STEPS)]

    assert [answer["Location"].split("?")[0] for answer in answers] == ["/accounts/login/"] * 4
    assert feed_of(ada) == feed
    assert feed_of(ada).token == feed.token


def test_the_availability_page_leads_here(browser_of, ada):
    page = read(browser_of(ada).get("/availability/"))

    (link,) = [each for each in page.all("a") if each["href"] == PAGE]
    assert link.text == "See your meetings and held times in your own calendar"
