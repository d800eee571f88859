"""Every form, with valid and invalid values, over real sockets: nothing breaks, leaks, or gets lost."""

from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from tests.authority.world import undone
from tests.hostile.checks import check_answer, check_calendar, check_emails, check_rows, newest_job
from tests.hostile.forms import FORMS
from tests.hostile.rows import ALIKE, KEPT, FormRow
from tests.hostile.values import ALWAYS, HOSTILE, Sent, as_read, pairs_of
from tests.support.pages import Element

pytestmark = pytest.mark.django_db


def address_of(row: FormRow, site) -> str:
    return reverse(row.name, args=row.arguments(site.world.things))


def filled_in(row: FormRow, site, **fields: Sent) -> list[tuple[str, str | bytes]]:
    typed = {
        name: value if isinstance(value, list) else str(value) for name, value in row.valid(site.world.things).items()
    }
    return [pair for name, sent in (typed | fields).items() for pair in pairs_of(name, sent)]


@pytest.mark.parametrize("row", FORMS, ids=lambda row: f"{row.name} by {row.who}")
def test_form_that_is_filled_in_well_is_taken(site, row):
    jobs = newest_job()
    with undone():
        answer = site.visitors[row.who].post(address_of(row, site), filled_in(row, site))
        check_answer(answer)
        check_emails(jobs)

    assert answer.status == row.status, answer.content


@pytest.mark.parametrize("row", [row for row in FORMS if row.fields], ids=lambda row: f"{row.name} by {row.who}")
def test_form_takes_every_typed_value(site, row):
    wrong = [
        wrong
        for field, kind in row.fields.items()
        for name in dealt(row, field, kind)
        if (wrong := try_out(site, row, field, name))
    ]

    assert wrong == []


@pytest.mark.long
@pytest.mark.parametrize("row", [row for row in FORMS if row.fields], ids=lambda row: f"{row.name} by {row.who}")
def test_every_field_takes_everything(site, row):
    wrong = [
        wrong
        for field in new_fields(row)
        for name in HOSTILE
        if (wrong := try_out(site, row, field, name, thoroughly=True))
    ]

    assert wrong == []


def new_fields(row: FormRow) -> list[str]:
    """Return the fields that no earlier row has sent to the same classes, such as when an event type is edited."""
    before = {(form, name) for each in FORMS[: FORMS.index(row)] for form in each.of for name in each.fields}
    return [name for name in row.fields if not row.of or any((form, name) not in before for form in row.of)]


def dealt(row: FormRow, field: str, kind: str) -> list[str]:
    """Return the values to test this field with: fields of similar kinds share them."""
    fields = [(form, name) for form in FORMS for name, its in form.fields.items() if ALIKE[its] == ALIKE[kind]]
    place = fields.index((row, field))
    return list(dict.fromkeys([*ALWAYS, *list(HOSTILE)[place :: len(fields)]]))


def try_out(site, row: FormRow, field: str, name: str, *, thoroughly: bool = False) -> str:
    """Return what is wrong in words; nothing if all is well."""
    visitor, sent = site.visitors[row.who], HOSTILE[name]
    jobs = newest_job()
    try:
        with undone():
            answer = visitor.post(address_of(row, site), filled_in(row, site, **{field: sent}))
            page = check_answer(answer)
            if answer.status in {409, 422} and page is not None:
                check_kept(page, row, field, sent)
            elif answer.status in {200, 302}:
                check_what_came_of_it(site, row, answer, jobs, thoroughly=thoroughly)
            else:
                assert answer.status in {204, 400, 404, 410, 429}
    except Exception as error:
        return f"{row.name} by {row.who}, {field}: {name}: {type(error).__name__} {error}"
    return ""


def check_kept(page: Element, row: FormRow, field: str, sent: Sent) -> None:
    if row.fields[field] not in KEPT:
        return
    typed = [as_read(value) for _, value in pairs_of(field, sent)]
    held = values_in(page, field)
    assert held is None or typed[-1] in held, f"typed {typed[-1][:80]!r}, held {[value[:80] for value in held]}"


def values_in(page: Element, field: str) -> list[str] | None:
    """Return the values of the controls of this name; None if the page no longer shows the form."""
    inputs = [each for each in page.all("input", name=field) if each.attributes.get("type") != "hidden"]
    areas = page.all("textarea", name=field)
    if not inputs and not areas:
        return None
    return [each.attributes.get("value", "") for each in inputs] + [
        "".join(map(str, each.content)).removeprefix("\n") for each in areas
    ]


# Where their owners may see what came of it, by the namespace of the form's address.
SHOWN = {
    "oneoff": ["/one-offs/", "/meetings/"],
    "scheduling": ["/event-types/", "/meetings/", "/alan/"],
    "calendars": ["/calendars/", "/calendars/seen/", "/event-types/"],
    "team": ["/team/"],
    "account_pages": ["/alan/", "/settings/"],
}


def check_what_came_of_it(site, row: FormRow, answer, jobs: int, *, thoroughly: bool) -> None:
    """Check the next page, the emails and the database; if `thoroughly`, all pages that show it to its owners, too."""
    visitor = site.visitors[row.who]
    check_rows()
    check_emails(jobs)
    if location := answer.headers["Location"]:
        check_answer(visitor.get(location))
    if location and location.startswith("/bookings/"):
        check_calendar(visitor.get(f"{urlsplit(location).path}calendar.ics").content, events=1)
    if thoroughly:
        for address in [*SHOWN.get(row.name.partition(":")[0], []), "/settings/data/caledee.json"]:
            check_answer(site.visitors["himself"].get(address))
        feed = site.visitors["anonymous"].get(reverse("oneoff:calendar_feed", args=[site.world.things["feed"].token]))
        if feed.status == 200:
            check_calendar(feed.content)


def test_every_value_is_tested_with_every_kind_of_field():
    tried = {
        (ALIKE[kind], name) for row in FORMS for field, kind in row.fields.items() for name in dealt(row, field, kind)
    }

    assert tried == {(kind, name) for kind in ALIKE.values() for name in HOSTILE}
