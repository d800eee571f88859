"""More than a schedule can hold: the response is bounded, with an error."""

from datetime import date, timedelta

import pytest

PAGE = "/availability/"
DAYS = [date(2026, 12, 1) + timedelta(days=n) for n in range(732)]
TOO_MANY_DATES = ("add-date", "You can have at most 366 dates.")


@pytest.fixture
def send(client, ada):
    client.force_login(ada)

    def act(**fields):
        response = client.post(PAGE, {"time_zone": "Europe/London", **fields})
        draft, form = response.context["draft"], response.context["form"]
        return response.status_code, draft, [(each.target, each.words) for each in form.problems]

    return act


def test_dates_beyond_the_limit_are_not_read(send):
    status, draft, problems = send(dates=" ".join(f"{day}/09:00-10:00" for day in DAYS))

    assert (status, len(draft.dates), problems) == (422, 367, [TOO_MANY_DATES])


def test_periods_beyond_the_limit_are_not_read(send):
    hours = "".join(f"/{n // 60:02}:{n % 60:02}-{n // 60:02}:{n % 60 + 1:02}" for n in range(0, 400, 2))

    status, draft, problems = send(dates=f"2026-12-24{hours}", **{"monday-start": ["9"] * 200})

    assert (status, len(draft.dates[0].hours), len(draft.week[0].hours)) == (422, 11, 11)
    assert problems[-1] == ("open0-date", "Thursday 24 December 2026: You can have at most 10 periods per day.")


def test_wrong_dates_are_opened_a_few_at_a_time(send):
    """Otherwise the page would have more fields than a form can send."""
    status, draft, problems = send(dates=" ".join(f"{day}/10:00-09:00" for day in DAYS[:366]))
    opened = [day for day in draft.dates if day.is_open]

    assert (status, [day.text for day in opened]) == (422, [str(day) for day in DAYS[:15]])
    assert [target for target, _ in problems] == [day.rows[0][0] for day in opened]
    assert [day.text for day in draft.dates] == [str(day) for day in DAYS[:366]]


def test_a_date_that_comes_often_is_read_once(client, ada):
    client.force_login(ada)

    response = client.post(PAGE, {"time_zone": "Europe/London", "dates": ["2026-12-24 " * 500, "2026-12-24"]})

    assert response.status_code == 302
    assert list(ada.schedule.date_overrides.values_list("date", flat=True)) == [date(2026, 12, 24)]
