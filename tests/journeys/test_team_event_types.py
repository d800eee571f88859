"""An organization's event types, from + Create to the meetings of its people in three zones, in a real browser."""

from playwright.sync_api import Page, expect

from tests.journeys.steps import book, coming, continue_as, event_type_slots, expect_accessible, slots

DAY = coming(1, weeks=6)
PANEL, SUPPORT = "Panel interview", "Support call"


def create(page: Page, kind: str, name: str, hosts: list[str]) -> None:
    """Create an event type from the menu. The first host is the organizer, if there is one."""
    page.goto("/event-types/")
    page.get_by_role("button", name="+ Create").click()
    expect_accessible(page)
    page.get_by_role("menuitem", name=kind).click()
    page.get_by_label("Name", exact=True).fill(name)
    for host in hosts:
        page.get_by_label(host).check()
    if kind == "Collective":
        page.get_by_label("Organizer", exact=True).select_option(label=hosts[0])
    expect_accessible(page)
    page.get_by_role("button", name="Create event type").click()
    expect(page.get_by_text(f"“{name}” is active. People can book it now.")).to_be_visible()


def delete(page: Page, name: str) -> None:
    page.goto("/event-types/")
    row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name))
    row.get_by_role("button", name="Delete").click()
    row.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text(f"“{name}” was deleted. Its bookings stay.")).to_be_visible()


def meetings_with(page: Page, invitee: str) -> int:
    page.goto("/meetings/")
    return page.get_by_role("listitem").filter(has_text=invitee).count()


def test_a_team_is_booked_together_and_in_turn(visit):
    people = {name: visit("Europe/London") for name in ("ada", "grace", "alan")}
    for name, browser in people.items():
        continue_as(browser, f"{name}@example.com")
    ada = people["ada"]

    create(ada, "Collective", PANEL, ["Grace Hopper (New York)", "Ada Lovelace (London)"])
    create(
        ada,
        "Round-robin",
        SUPPORT,
        ["Ada Lovelace (London)", "Alan Turing (Kolkata)", "Grace Hopper (New York)"],
    )
    expect_accessible(ada)
    people["alan"].goto("/event-types/")
    expect(people["alan"].get_by_role("heading", name=SUPPORT)).to_be_visible()
    expect(people["alan"].get_by_role("heading", name=PANEL)).to_have_count(0)
    expect_accessible(people["alan"])

    # The invitee finds both on the organization's page, and books both hosts of the panel.
    dana = visit("Europe/Paris")
    dana.goto("/analytical-engines/")
    expect_accessible(dana)
    dana.get_by_role("link", name=PANEL).click()
    expect(dana.get_by_text("With Grace Hopper and Ada Lovelace")).to_be_visible()
    together = event_type_slots(dana, "/analytical-engines/panel-interview/", DAY)
    expect_accessible(dana)
    first, second = together[:2]
    book(dana, first, "Dana of the panel", "dana-panel@example.com")
    assert first not in event_type_slots(dana, "/grace/intro/", DAY)
    assert event_type_slots(dana, "/analytical-engines/panel-interview/", DAY) == together[1:]

    # Two invitees at a time when Ada and Grace work: each gets one of them. The third time is gone.
    in_turn = event_type_slots(dana, "/analytical-engines/support-call/", DAY)
    assert first not in in_turn
    assert second in in_turn
    for invitee in ("Edsger", "Grete"):
        event_type_slots(dana, "/analytical-engines/support-call/", DAY)
        expect(dana.get_by_text("With someone from Analytical Engines")).to_be_visible()
        book(dana, second, f"{invitee} of support", f"{invitee.lower()}-support@example.com")
        expect_accessible(dana)
    dana.goto(f"/analytical-engines/support-call/?date={DAY}&time_zone=Europe/London")
    assert second not in slots(dana)

    assert {name: meetings_with(browser, "Dana of the panel") for name, browser in people.items()} == {
        "ada": 1,
        "grace": 1,
        "alan": 0,
    }
    assert {name: meetings_with(browser, "of support") for name, browser in people.items()} == {
        "ada": 1,
        "grace": 1,
        "alan": 0,
    }

    for name in (PANEL, SUPPORT):
        delete(ada, name)
    dana.goto("/analytical-engines/")
    expect(dana.get_by_role("heading", name="Nothing to book right now")).to_be_visible()
