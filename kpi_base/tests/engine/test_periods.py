import datetime as dt
import random
from itertools import pairwise, product

import pytest

from ...engine.periods import (
    GRAINS,
    CalendarSpec,
    Period,
    PeriodError,
    a_year_later,
    longer_grains,
    nests,
    period_of,
    periods_between,
    previous,
    same_period_last_year,
    utc_bounds,
)

D = dt.date
DAY = dt.timedelta(days=1)
ISO = CalendarSpec()
# The calendar of the National Retail Federation: 4-5-4, Sunday to Saturday, ending on
# the Saturday nearest to 31 January.
NRF = CalendarSpec(week_start=6, fiscal_month=2, pattern="4-5-4", year_end="nearest")
OCT_SEP = CalendarSpec(fiscal_month=10)
SUNDAY = CalendarSpec(week_start=6)
FEBRUARY = CalendarSpec(fiscal_month=2)
LATE = CalendarSpec(fiscal_day=29)
BRITISH = CalendarSpec(fiscal_month=4, fiscal_day=6)  # the tax year of the kingdom
SPECS = [
    ISO,
    NRF,
    OCT_SEP,
    SUNDAY,
    BRITISH,
    CalendarSpec(fiscal_day=31),
    CalendarSpec(pattern="4-4-5", fiscal_month=10, week_start=6),
    CalendarSpec(pattern="5-4-4", week_start=3, fiscal_day=15),
    CalendarSpec(pattern="4-4-5", year_end="nearest"),
]


@pytest.mark.parametrize(
    ("spec", "grain", "day", "start", "stop"),
    [
        # ISO week 53 of 2020: Monday 28 December to Sunday 3 January
        (ISO, "week", D(2020, 12, 31), D(2020, 12, 28), D(2021, 1, 4)),
        (ISO, "week", D(2026, 12, 31), D(2026, 12, 28), D(2027, 1, 4)),
        (ISO, "week", D(2027, 1, 3), D(2026, 12, 28), D(2027, 1, 4)),
        (ISO, "week", D(2027, 1, 4), D(2027, 1, 4), D(2027, 1, 11)),
        (SUNDAY, "week", D(2026, 3, 28), D(2026, 3, 22), D(2026, 3, 29)),
        (SUNDAY, "week", D(2026, 3, 29), D(2026, 3, 29), D(2026, 4, 5)),
        (ISO, "day", D(2024, 2, 29), D(2024, 2, 29), D(2024, 3, 1)),
        (ISO, "month", D(2024, 2, 29), D(2024, 2, 1), D(2024, 3, 1)),
        (ISO, "quarter", D(2024, 2, 29), D(2024, 1, 1), D(2024, 4, 1)),
        (ISO, "year", D(2024, 2, 29), D(2024, 1, 1), D(2025, 1, 1)),
        # fiscal day 29 is clamped to 28, which February always has
        (LATE, "month", D(2024, 2, 29), D(2024, 2, 28), D(2024, 3, 28)),
        (LATE, "month", D(2024, 2, 27), D(2024, 1, 28), D(2024, 2, 28)),
        # October to September
        (OCT_SEP, "year", D(2026, 9, 30), D(2025, 10, 1), D(2026, 10, 1)),
        (OCT_SEP, "year", D(2026, 10, 1), D(2026, 10, 1), D(2027, 10, 1)),
        (OCT_SEP, "quarter", D(2026, 1, 31), D(2026, 1, 1), D(2026, 4, 1)),
        (OCT_SEP, "month", D(2026, 1, 31), D(2026, 1, 1), D(2026, 2, 1)),
        # fiscal quarters that begin in February
        (FEBRUARY, "quarter", D(2026, 1, 31), D(2025, 11, 1), D(2026, 2, 1)),
        # the British tax year begins on 6 April
        (BRITISH, "year", D(2026, 4, 5), D(2025, 4, 6), D(2026, 4, 6)),
        (BRITISH, "month", D(2026, 4, 5), D(2026, 3, 6), D(2026, 4, 6)),
        (BRITISH, "quarter", D(2026, 7, 6), D(2026, 7, 6), D(2026, 10, 6)),
        # Published 4-5-4 calendar: fiscal 2023 had 53 weeks, 29 January 2023 to
        # 3 February 2024, the 53rd in January; fiscal 2022 ended on 28 January 2023,
        # fiscal 2024 on 1 February 2025.
        (NRF, "year", D(2023, 1, 28), D(2022, 1, 30), D(2023, 1, 29)),
        (NRF, "year", D(2023, 6, 1), D(2023, 1, 29), D(2024, 2, 4)),
        (NRF, "year", D(2024, 2, 4), D(2024, 2, 4), D(2025, 2, 2)),
        (NRF, "month", D(2023, 2, 1), D(2023, 1, 29), D(2023, 2, 26)),
        (NRF, "month", D(2023, 2, 26), D(2023, 2, 26), D(2023, 4, 2)),
        (NRF, "month", D(2024, 2, 3), D(2023, 12, 31), D(2024, 2, 4)),
        (NRF, "quarter", D(2024, 2, 3), D(2023, 10, 29), D(2024, 2, 4)),
        (NRF, "week", D(2024, 2, 3), D(2024, 1, 28), D(2024, 2, 4)),
    ],
)  # fmt: skip
def test_period_that_holds_a_day(spec, grain, day, start, stop):
    assert period_of(spec, grain, day) == Period(grain, start, stop)


def test_retail_years_with_53_weeks_are_the_published_ones():
    # National Retail Federation: 53 weeks in fiscal 2000, 2006, 2012, 2017 and 2023
    years = periods_between(NRF, "year", D(2000, 6, 1), D(2024, 6, 1))
    assert {period.days for period in years} == {364, 371}
    long_years = [p.start.year for p in years if p.days == 371]
    assert long_years == [2000, 2006, 2012, 2017, 2023]


def test_year_that_ends_on_the_last_saturday_of_september():
    # The last Saturdays of September: 30 September 2023 and 28 September 2024.
    last = CalendarSpec(pattern="4-4-5", fiscal_month=10, week_start=6)
    period = period_of(last, "year", D(2024, 1, 1))
    assert (period.start, period.stop) == (D(2023, 10, 1), D(2024, 9, 29))
    # In 2022 the last Saturday is 24 September; the nearest to the 30th is 1 October.
    nearest = CalendarSpec(
        pattern="4-4-5", fiscal_month=10, week_start=6, year_end="nearest"
    )
    assert period_of(last, "year", D(2022, 11, 1)).start == D(2022, 9, 25)
    assert period_of(nearest, "year", D(2022, 11, 1)).start == D(2022, 10, 2)


def test_iso_years_are_whole_weeks_nearest_to_january():
    spec = CalendarSpec(pattern="4-4-5", year_end="nearest")
    for year in range(1990, 2040):
        monday = D.fromisocalendar(year, 1, 1)  # independent: the standard library
        assert period_of(spec, "year", monday).start == monday
        assert period_of(spec, "year", monday - DAY).stop == monday


@pytest.mark.parametrize(
    ("pattern", "weeks"),
    [("4-4-5", [4, 4, 5]), ("4-5-4", [4, 5, 4]), ("5-4-4", [5, 4, 4])],
)
def test_weeks_of_the_retail_months(pattern, weeks):
    spec = CalendarSpec(
        pattern=pattern, week_start=6, fiscal_month=2, year_end="nearest"
    )
    months = periods_between(spec, "month", D(2024, 2, 4), D(2025, 2, 1))
    assert [month.days for month in months] == [7 * n for n in weeks] * 4


@pytest.mark.parametrize(("spec", "grain"), list(product(SPECS, GRAINS)))
def test_periods_tile_the_line_and_agree_with_period_of(spec, grain):
    rng = random.Random(f"{spec}{grain}")
    for _sample in range(8):
        first = D(1901, 1, 1) + rng.randrange(40_000) * DAY
        last = first + rng.randrange(800) * DAY
        periods = periods_between(spec, grain, first, last)
        assert first in periods[0]
        assert last in periods[-1]
        for left, right in pairwise(periods):
            assert left.stop == right.start
            assert left.start < left.stop
            assert previous(spec, right) == left
            assert previous(spec, left, -1) == right
        day = first + rng.randrange((last - first).days + 1) * DAY
        held = [period for period in periods if day in period]
        assert held == [period_of(spec, grain, day)]
        place = periods.index(held[0])
        assert previous(spec, held[0], place) == periods[0]


def test_no_periods_where_the_range_is_empty():
    assert periods_between(ISO, "month", D(2026, 2, 1), D(2026, 1, 31)) == []


@pytest.mark.parametrize("spec", SPECS)
def test_nesting_is_what_years_of_periods_show(spec):
    first, last = D(2018, 1, 1), D(2030, 1, 1)
    periods = {g: periods_between(spec, g, first, last) for g in GRAINS}
    for finer, coarser in product(GRAINS, GRAINS):
        seen = all(
            period.stop <= period_of(spec, coarser, period.start).stop
            for period in periods[finer]
        )
        assert nests(spec, finer, coarser) == seen, (finer, coarser)


@pytest.mark.parametrize(
    ("spec", "finest", "coarsest", "expected"),
    [
        (ISO, "day", "year", ["day", "week", "month", "quarter", "year"]),
        (ISO, "week", "year", ["week"]),  # a month begins within a week
        (NRF, "week", "quarter", ["week", "month", "quarter"]),
        (ISO, "month", "month", ["month"]),
        (ISO, "month", None, ["month"]),
        (ISO, "quarter", "month", ["quarter"]),  # never in shorter ones
    ],
)
def test_longer_grains_are_made_of_whole_periods(spec, finest, coarsest, expected):
    assert longer_grains(spec, finest, coarsest) == expected


@pytest.mark.parametrize(
    ("spec", "grain", "day", "before"),
    [
        (ISO, "day", D(2024, 2, 29), D(2023, 2, 28)),
        (ISO, "day", D(2025, 3, 1), D(2024, 3, 1)),
        (ISO, "month", D(2024, 2, 29), D(2023, 2, 1)),
        (ISO, "quarter", D(2024, 2, 29), D(2023, 1, 1)),
        (OCT_SEP, "year", D(2026, 9, 30), D(2024, 10, 1)),
        (ISO, "week", D(2026, 3, 27), D.fromisocalendar(2025, 13, 1)),
        (ISO, "week", D(2021, 1, 4), D.fromisocalendar(2020, 1, 1)),
        (ISO, "week", D(2020, 12, 31), D.fromisocalendar(2019, 52, 1)),  # no week 53
        (NRF, "day", D(2024, 2, 4), D(2023, 1, 29)),  # first Sunday of the fiscal year
        (NRF, "month", D(2024, 2, 4), D(2023, 1, 29)),
        (NRF, "week", D(2024, 2, 3), D(2023, 1, 22)),  # 53rd week → the 52nd
        (NRF, "day", D(2024, 2, 3), D(2023, 1, 28)),
    ],
)
def test_same_period_last_year(spec, grain, day, before):
    found = same_period_last_year(spec, period_of(spec, grain, day))
    assert found == period_of(spec, grain, before)
    assert before in found


def hours(tz, grain, day, **spec):
    spec = CalendarSpec(tz=tz, **spec)
    start, stop = utc_bounds(spec, period_of(spec, grain, day))
    return (stop - start) / dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("tz", "day", "length"),
    [
        ("Europe/Brussels", D(2026, 3, 29), 23),
        ("Europe/Brussels", D(2026, 10, 25), 25),
        ("Europe/Brussels", D(2026, 3, 28), 24),
        ("Pacific/Auckland", D(2026, 4, 5), 25),
        ("Pacific/Auckland", D(2026, 9, 27), 23),
        ("America/Los_Angeles", D(2026, 3, 8), 23),
        ("America/Los_Angeles", D(2026, 11, 1), 25),
        ("Australia/Lord_Howe", D(2026, 4, 5), 24.5),  # clocks go back half an hour
        ("America/Sao_Paulo", D(2018, 11, 4), 23),  # clocks jumped at 00:00
        ("America/Havana", D(2026, 11, 1), 25),  # 00:00 to 01:00 comes twice
        ("Pacific/Apia", D(2011, 12, 30), 0),  # Samoa skipped this day
    ],
)
def test_length_of_a_local_day(tz, day, length):
    assert hours(tz, "day", day) == length


def test_length_of_a_month_with_a_change_of_clocks():
    assert hours("Europe/Brussels", "month", D(2026, 3, 1)) == 31 * 24 - 1
    assert hours("Europe/Brussels", "year", D(2026, 3, 1)) == 365 * 24


@pytest.mark.parametrize(
    ("tz", "day", "start"),
    [
        ("UTC", D(2026, 1, 1), dt.datetime(2026, 1, 1)),
        ("Pacific/Auckland", D(2026, 1, 1), dt.datetime(2025, 12, 31, 11)),  # UTC+13
        ("America/Los_Angeles", D(2026, 7, 1), dt.datetime(2026, 7, 1, 7)),  # UTC-7
        # 00:00 did not exist: the day began at 01:00, UTC-2
        ("America/Sao_Paulo", D(2018, 11, 4), dt.datetime(2018, 11, 4, 3)),
        # clocks went from 23:30 on the 30th (UTC-5) to 00:30 on the 31st
        ("America/Toronto", D(1919, 3, 31), dt.datetime(1919, 3, 31, 4, 30)),
        ("Asia/Kathmandu", D(2026, 1, 1), dt.datetime(2025, 12, 31, 18, 15)),
    ],
)
def test_instant_at_which_a_local_day_begins(tz, day, start):
    spec = CalendarSpec(tz=tz)
    assert utc_bounds(spec, period_of(spec, "day", day))[0] == start


def test_bounds_of_neighbours_meet():
    spec = CalendarSpec(tz="America/Sao_Paulo")
    days = periods_between(spec, "day", D(2016, 1, 1), D(2019, 12, 31))
    bounds = [utc_bounds(spec, day) for day in days]
    for (_start, stop), (start, _stop) in pairwise(bounds):
        assert stop == start


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"tz": "Europe/Atlantis"}, 'Unknown time zone "Europe/Atlantis"'),
        ({"tz": "Europe"}, 'Unknown time zone "Europe"'),  # a folder of the database
        ({"tz": ""}, "Unknown time zone"),
        ({"tz": "../etc/passwd"}, "Unknown time zone"),
        ({"tz": False}, "Unknown time zone"),  # an empty field of Odoo
        ({"week_start": 7}, "first day of the week must be from 0 to 6"),
        ({"fiscal_month": 0}, "first month of the fiscal year"),
        ({"fiscal_day": 32}, "first day of the fiscal month"),
        ({"pattern": "4-4-4"}, 'Unknown pattern of the year "4-4-4"'),
        ({"year_end": "first"}, 'Unknown end of the year "first"'),
    ],
)
def test_impossible_calendars_are_refused(spec, words):
    with pytest.raises(PeriodError, match=words):
        CalendarSpec(**spec)


@pytest.mark.parametrize("spec", SPECS)
def test_days_outside_1900_to_9999_are_refused(spec):
    with pytest.raises(PeriodError, match="before 1900"):
        period_of(spec, "month", D(1899, 12, 31))
    for grain in GRAINS:
        with pytest.raises(PeriodError, match="9999"):
            period_of(spec, grain, D.max)
        with pytest.raises(PeriodError, match="1900"):
            previous(spec, period_of(spec, grain, D(1902, 1, 1)), 99_999)


def test_unknown_grain_is_refused():
    with pytest.raises(PeriodError, match='Unknown period "decade"'):
        period_of(ISO, "decade", D(2026, 1, 1))


@pytest.mark.parametrize(
    ("grain", "day", "expected"),
    [
        ("month", D(2026, 1, 1), D(2027, 1, 1)),
        ("month", D(2024, 2, 29), D(2025, 2, 28)),
        ("quarter", D(2026, 5, 20), D(2027, 5, 20)),
        ("year", D(2026, 5, 20), D(2027, 5, 20)),
        ("day", D(2023, 3, 1), D(2024, 3, 1)),  # over a 29 February
        ("day", D(2024, 2, 29), D(2025, 2, 28)),
        ("week", D(2026, 11, 16), D(2027, 11, 22)),  # Mondays of week 47
        ("week", D(2027, 1, 2), D(2028, 1, 1)),  # of week 53: there is none
    ],
)
def test_a_year_later(grain, day, expected):
    assert a_year_later(ISO, grain, day) == expected
