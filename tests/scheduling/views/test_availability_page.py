import re
from datetime import date, time, timedelta

import pytest

from scheduling.models import DateOverride, Schedule, Weekday, WeeklyHours
from tests.factories import book_intro

PAGE = "/availability/"
NINE_TO_FIVE = (time(9), time(17))
CHRISTMAS = date(2026, 12, 24)
NONSENSE = ("nonsense", True, [("08:00", "")])


def typed(time_zone="Europe/London", dates="", **days):
    """Return what the form sends: `monday=["09:00 12:00"]` is one row, `open0=("2026-12-24", rows)` a date."""
    data = {"time_zone": time_zone, "dates": dates}
    for key, rows in days.items():
        if key.startswith("open"):
            data[f"{key}-date"], rows = rows
        data[f"{key}-start"] = [row.split(" ")[0] for row in rows]
        data[f"{key}-end"] = [row.split(" ")[1] for row in rows]
    return data


def weekly_hours():
    rows = WeeklyHours.objects.order_by("schedule__organizer__handle", "weekday", "start")
    return list(rows.values_list("schedule__organizer__handle", "weekday", "start", "end"))


def overrides():
    return list(DateOverride.objects.values_list("date", "start", "end"))


def override(user, day, start=None, end=None):
    return DateOverride.objects.create(schedule=user.schedule, date=day, start=start, end=end)


def drafted(response):
    """Return the rows that the page shows, of each weekday that has any, and of each date."""
    draft = response.context["draft"]
    week = {day.key: [(row.start, row.end) for row in day.hours] for day in draft.week if day.hours}
    dates = [(day.text, day.is_open, [(row.start, row.end) for row in day.hours]) for day in draft.dates]
    return week, dates


def problems(response):
    return [(problem.target, problem.words) for problem in response.context["form"].problems]


def send_again(response, **changes):
    """Return what the browser sends from the form on the page, with these changes."""
    data = {}
    for tag in re.findall(r"<input[^>]*>", response.content.decode()):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        data.setdefault(attributes.get("name", ""), []).append(attributes.get("value", ""))
    return data | changes


def test_page_shows_the_persons_own_hours_and_dates(browser_of, ada, grace):
    override(ada, CHRISTMAS)
    override(ada, date(2026, 12, 31), time(9), time(12))
    override(ada, date(2026, 12, 31), time(13), time(0))
    override(grace, date(2026, 12, 25))

    response = browser_of(ada).get(PAGE)

    workdays = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    assert drafted(response) == (
        {day: [("09:00", "17:00")] for day in workdays},
        [("2026-12-24", False, []), ("2026-12-31", False, [("09:00", "12:00"), ("13:00", "00:00")])],
    )
    assert response.context["form"]["time_zone"].value() == "Europe/London"
    assert "Thursday 24 December 2026" in response.content.decode()


def test_saving_replaces_the_whole_schedule_and_nobody_elses(browser_of, ada, alan):
    override(ada, date(2026, 12, 31), time(9), time(12))

    response = browser_of(ada).post(
        PAGE,
        typed(
            time_zone="Asia/Calcutta",
            monday=["13:00 17:00", "09:00 12:00"],
            sunday=["22:00 00:00"],
            dates="2026-12-24 2026-12-25/10:00-11:00/12:00-13:00 open0 open1",
            open0=("2027-01-01", []),
            open1=("2027-01-02", ["08:00 09:30"]),
        ),
    )

    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert weekly_hours() == [
        ("ada", Weekday.MONDAY, time(9), time(12)),
        ("ada", Weekday.MONDAY, time(13), time(17)),
        ("ada", Weekday.SUNDAY, time(22), time(0)),
        *[("alan", weekday, *NINE_TO_FIVE) for weekday in range(5)],
    ]
    assert overrides() == [
        (CHRISTMAS, None, None),
        (date(2026, 12, 25), time(10), time(11)),
        (date(2026, 12, 25), time(12), time(13)),
        (date(2027, 1, 1), None, None),
        (date(2027, 1, 2), time(8), time(9, 30)),
    ]
    assert Schedule.objects.get(organizer=ada).time_zone == "Asia/Kolkata"


def test_saving_what_the_page_shows_changes_nothing(browser_of, ada):
    override(ada, CHRISTMAS)
    override(ada, date(2026, 11, 1), time(9), time(12))
    before = weekly_hours(), overrides()
    browser = browser_of(ada)

    response = browser.post(PAGE, send_again(browser.get(PAGE)))

    assert response.status_code == 302
    assert (weekly_hours(), overrides()) == before


def test_person_without_a_schedule_sees_the_usual_week_and_gets_one_by_saving(browser_of, ada):
    Schedule.objects.all().delete()
    browser = browser_of(ada)

    shown = browser.get(PAGE)
    usual = {day: [("09:00", "17:00")] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    assert (drafted(shown), Schedule.objects.count()) == ((usual, []), 0)

    browser.post(PAGE, typed(tuesday=["10:00 11:00"]))
    assert weekly_hours() == [("ada", Weekday.TUESDAY, time(10), time(11))]


@pytest.mark.parametrize(
    ("rows", "target", "words"),
    [
        (["17:00 09:00"], "monday-0-start", "The end must be after the start."),
        (["09:00 09:00"], "monday-0-start", "The end must be after the start."),
        (["22:00 02:00"], "monday-0-start", "For hours past midnight, end at 24:00"),
        (["09:00 12:00", "11:59 13:00"], "monday-1-start", "These hours overlap 09:00 to 12:00."),
        (["20:00 00:00", "23:00 00:00"], "monday-1-start", "These hours overlap 20:00 to 24:00."),
        (["09:00 12:00", "09:00 12:00"], "monday-1-start", "These hours overlap 09:00 to 12:00."),
        ([" "], "monday-0-start", "Enter a start and an end"),
        (["09:00 "], "monday-0-start", "Enter a start and an end"),
        (["25:00 26:00"], "monday-0-start", "Enter a start and an end"),
        (["nine five"], "monday-0-start", "Enter a start and an end"),
        ([f"{hour:02}:00 {hour:02}:30" for hour in range(11)], "monday-add", "You can have at most 10 periods"),
    ],
)
def test_wrong_hours_are_said_beside_their_row_and_nothing_is_lost(browser_of, ada, rows, target, words):
    before = weekly_hours()

    response = browser_of(ada).post(PAGE, typed(monday=rows, tuesday=["10:00 11:00"]))

    ((where, said),) = problems(response)
    assert response.status_code == 422
    assert where == target == response.context["draft"].focus
    assert said.startswith("Monday: ")
    assert words in said
    assert drafted(response)[0] == {"monday": [tuple(row.split(" ")) for row in rows], "tuesday": [("10:00", "11:00")]}
    assert weekly_hours() == before


def test_hours_that_only_touch_are_saved(browser_of, ada):
    response = browser_of(ada).post(PAGE, typed(monday=["09:00 12:00", "12:00 00:00", "00:00 09:00"]))

    assert response.status_code == 302
    assert [row[2:] for row in weekly_hours()] == [(time(0), time(9)), (time(9), time(12)), (time(12), time(0))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Enter a date"),
        ("24.12.2026", "Enter a date"),
        ("2026-02-30", "Enter a date"),
        ("2026-11-22", "This date is in the past."),
        ("0001-01-01", "This date is in the past."),
        ("9999-12-31", "Choose an earlier date."),
    ],
)
@pytest.mark.parametrize("is_open", [True, False])
def test_wrong_dates_are_opened_and_said(browser_of, ada, text, words, is_open):
    data = typed(dates="open7", open7=(text, ["09:00 10:00"])) if is_open else typed(dates=f"{text}/09:00-10:00")

    response = browser_of(ada).post(PAGE, data)

    ((where, said),) = problems(response)
    assert response.status_code == 422
    assert where == response.context["draft"].focus
    assert where in {"open7-date", "open0-date"}
    assert words in said
    assert drafted(response)[1] == [(text, True, [("09:00", "10:00")])]
    assert overrides() == []


def test_a_date_that_is_over_may_stay_but_not_come(browser_of, ada):
    override(ada, date(2026, 11, 1))
    browser = browser_of(ada)

    kept = browser.post(PAGE, typed(dates="2026-11-01"))
    added = browser.post(PAGE, typed(dates="2026-11-01 2026-11-02"))

    assert (kept.status_code, added.status_code) == (302, 422)
    assert overrides() == [(date(2026, 11, 1), None, None)]


def test_the_typed_zone_decides_which_dates_are_over(browser_of, ada):
    """At 08:00 in London it is still the 22nd in Honolulu."""
    browser = browser_of(ada)

    in_london = browser.post(PAGE, typed(time_zone="Europe/London", dates="2026-11-22"))
    in_honolulu = browser.post(PAGE, typed(time_zone="Pacific/Honolulu", dates="2026-11-22"))

    assert (in_london.status_code, in_honolulu.status_code) == (422, 302)


def test_one_date_cannot_be_closed_and_open(browser_of, ada):
    data = typed(dates="2026-12-24 open0", open0=("2026-12-24", ["09:00 10:00"]))

    response = browser_of(ada).post(PAGE, data)

    assert response.status_code == 422
    assert [said for _, said in problems(response)] == [
        "Thursday 24 December 2026: This date is listed twice. Keep one of them, with all its hours."
    ]
    assert overrides() == []


def test_a_year_of_dates_is_saved_and_one_more_refused(browser_of, ada):
    days = [date(2026, 12, 1) + timedelta(days=n) for n in range(367)]
    browser = browser_of(ada)

    refused = browser.post(PAGE, typed(dates=" ".join(f"{day}/09:00-10:00" for day in days)))
    accepted = browser.post(PAGE, typed(dates=" ".join(f"{day}/09:00-10:00" for day in days[:366])))

    assert (refused.status_code, problems(refused)) == (422, [("add-date", "You can have at most 366 dates.")])
    assert accepted.status_code == 302
    assert overrides() == [(day, time(9), time(10)) for day in days[:366]]


@pytest.mark.parametrize("zone", ["", "Atlantis/Lost", "Factory", "x" * 200])
def test_an_unknown_zone_is_a_wrong_field(browser_of, ada, zone):
    response = browser_of(ada).post(PAGE, typed(time_zone=zone, monday=["10:00 11:00"]))

    assert response.status_code == 422
    assert [where for where, _ in problems(response)] == ["id_time_zone"]
    assert response.context["form"]["time_zone"].value() == zone
    assert drafted(response)[0] == {"monday": [("10:00", "11:00")]}
    assert Schedule.objects.get().time_zone == "Europe/London"


@pytest.mark.parametrize(
    ("step", "week", "dates", "focus"),
    [
        ("add monday", {"monday": [("09:00", "12:00"), ("", "")]}, None, "monday-1-start"),
        ("add sunday", {"monday": [("09:00", "12:00")], "sunday": [("09:00", "17:00")]}, None, "sunday-0-start"),
        ("remove monday 0", {}, None, "monday-add"),
        (
            "add-date",
            None,
            [("2026-12-24", False, []), NONSENSE, ("", True, [])],
            "open0-date",
        ),
        ("change date0", None, [("2026-12-24", True, []), NONSENSE], "open0-date"),
        ("drop date0", None, [NONSENSE], "add-date"),
        ("drop open3", None, [("2026-12-24", False, [])], "add-date"),
        ("close open3", None, [("2026-12-24", False, []), ("nonsense", True, [])], "open3-add"),
        ("remove open3 0", None, [("2026-12-24", False, []), ("nonsense", True, [])], "open3-add"),
        ("remove monday 1", None, None, ""),
        ("remove monday -1", None, None, ""),
        ("remove monday \u00b2", None, None, ""),
        ("remove monday", None, None, ""),
        ("close monday", None, None, ""),
        ("drop nobody", None, None, ""),
        ("nonsense", None, None, ""),
        ("\x00", None, None, ""),
    ],
)
def test_buttons_change_rows_keep_what_was_typed_and_save_nothing(browser_of, ada, step, week, dates, focus):
    before = weekly_hours()
    data = typed(time_zone="no zone yet", monday=["09:00 12:00"], dates="2026-12-24 open3", open3=("nonsense", ["8 "]))
    usual_dates = [("2026-12-24", False, []), NONSENSE]

    response = browser_of(ada).post(PAGE, data | {"step": step})

    draft = response.context["draft"]
    assert response.status_code == 200
    assert drafted(response) == (
        {"monday": [("09:00", "12:00")]} if week is None else week,
        usual_dates if dates is None else dates,
    )
    assert draft.focus == focus
    assert response.context["form"]["time_zone"].value() == "no zone yet"
    assert problems(response) == []
    assert weekly_hours() == before


def test_buttons_add_no_row_where_as_many_are_as_can_be_kept(browser_of, ada):
    full_day = [f"{hour:02}:00 {hour:02}:30" for hour in range(10)]
    full_year = " ".join(str(date(2026, 12, 1) + timedelta(days=n)) for n in range(366))
    data = typed(monday=full_day, dates=full_year)

    for step in ("add monday", "add-date"):
        response = browser_of(ada).post(PAGE, data | {"step": step})
        week, dates = drafted(response)
        assert (list(week), len(week["monday"]), len(dates)) == (["monday"], 10, 366)
        assert response.context["draft"].announcement == ""


def test_times_of_a_closed_date_that_are_none_are_shown_as_they_were_sent(browser_of, ada):
    response = browser_of(ada).post(PAGE, typed(dates="2026-12-24/tea-17:00") | {"step": "add monday"})

    assert [day.spans for day in response.context["draft"].dates] == ["tea to 17:00"]
    assert "tea to 17:00" in response.content.decode()


def test_without_a_script_a_closed_day_is_made_in_three_presses(browser_of, ada):
    browser = browser_of(ada)

    added = browser.post(PAGE, send_again(browser.get(PAGE), step="add-date"))
    response = browser.post(PAGE, send_again(added) | {"open0-date": "2026-12-24"})

    assert response.status_code == 302
    assert overrides() == [(CHRISTMAS, None, None)]
    assert len(weekly_hours()) == 5


def test_with_htmx_a_button_answers_with_the_hours_alone(browser_of, ada):
    response = browser_of(ada).post(PAGE, typed() | {"step": "add monday"}, headers={"HX-Request": "true"})

    page = response.content.decode()
    assert page.strip().startswith('<div id="hours"')
    assert 'data-announce="Hours added, Monday"' in page
    assert "<html" not in page


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_eight_queries_for_any_content(browser_of, ada, django_assert_num_queries, number):
    for n in range(number):
        override(ada, CHRISTMAS + timedelta(days=n))
        book_intro(ada, f"2026-11-2{4 + n} 10:00")
    browser = browser_of(ada)

    with django_assert_num_queries(8):
        response = browser.get(PAGE)
    assert response.content.decode().count('class="strip-booked"') == number


def test_only_who_is_signed_in_gets_anywhere(client, ada):
    before = weekly_hours()

    assert client.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"
    assert client.post(PAGE, typed())["Location"] == f"/accounts/login/?next={PAGE}"
    assert weekly_hours() == before


def test_wrong_methods_are_refused(browser_of, ada):
    assert browser_of(ada).put(PAGE).status_code == 405
