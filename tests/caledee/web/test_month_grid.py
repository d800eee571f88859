from datetime import date

from caledee.web.month_grid import GridDay, MonthLink, month_grid


def december(**changes):
    return month_grid(
        changes.pop("shown", date(2026, 12, 1)),
        **{
            "field": "date",
            "today": date(2026, 12, 3),
            "is_open": lambda day: day.weekday() < 5,
            "earliest": date(2026, 12, 3),
            "latest": date(2027, 1, 31),
            **changes,
        },
    )


def days_with_state(grid, state):
    return [day.number for week in grid.weeks for day in week if day.state == state]


def test_month_starts_its_weeks_on_monday_and_fills_them_with_days_outside():
    grid = december()

    assert grid.heading == "December 2026"
    assert grid.weekdays[0] == ("Mon", "Monday")
    assert [day.number for day in grid.weeks[0]] == [30, 1, 2, 3, 4, 5, 6]
    assert days_with_state(grid, "outside") == [30, 1, 2, 3]


def test_weeks_may_start_on_sunday():
    grid = december(first_weekday=6)

    assert grid.weekdays[0] == ("Sun", "Sunday")
    assert [day.number for day in grid.weeks[0]] == [29, 30, 1, 2, 3, 4, 5]


def test_days_are_open_between_the_bounds_where_the_page_says_so():
    grid = december(latest=date(2026, 12, 9))

    assert days_with_state(grid, "open") == [3, 4, 7, 8, 9]


def test_picked_days_stay_pickable_where_nothing_is_open():
    grid = december(picked={date(2026, 12, 1), date(2026, 12, 8)})

    assert days_with_state(grid, "picked") == [1, 8]


def test_day_carries_its_full_name_and_whether_it_is_pressed():
    grid = december(picked={date(2026, 12, 4)})

    assert grid.weeks[0][3] == GridDay(
        value="2026-12-03",
        number=3,
        label="Thursday 3 December 2026",
        state="open",
        today=True,
    )
    assert [day.pressed for day in grid.weeks[0]] == ["", "", "", "false", "true", "", ""]


def test_months_without_a_day_to_choose_cannot_be_turned_to():
    grid = december()

    assert grid.previous is None
    assert grid.next == MonthLink(value="2027-01", label="Next month, January 2027")


def test_way_back_crosses_the_year():
    grid = december(shown=date(2027, 1, 20))

    assert grid.previous == MonthLink(value="2026-12", label="Previous month, December 2026")
    assert grid.next is None
