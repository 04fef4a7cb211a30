from datetime import date, datetime

import pytest

from ...engine.approval import (
    Situation,
    Vote,
    change_percent,
    content_version,
    count_needed,
    decide_level,
    find_due,
    is_small,
)
from ...engine.worktime import Attendance, Timeline, WorkCalendar

ANN, BO, CY, DEE = 1, 2, 3, 4


def _situation(there, barred, delegates=None, managers=None):
    get_manager = (managers or {}).get
    return Situation(
        DEE, DEE, there.__contains__, get_manager, delegates or {}, parties=barred
    )


@pytest.mark.parametrize(
    ("rule", "quorum", "seats", "needed"),
    [
        ("all", 0, 3, 3),
        ("any", 7, 3, 1),
        ("quorum", 2, 3, 2),
        ("quorum", 9, 3, 3),  # more than there are: all of them
        ("quorum", -1, 3, 1),  # nobody approves by silence
        ("any", 0, 0, 0),
    ],
)
def test_how_many_have_to_approve(rule, quorum, seats, needed):
    assert count_needed(rule, quorum, seats) == needed


@pytest.mark.parametrize(
    ("votes", "needed", "outcome"),
    [
        ([(0, ANN, "asked"), (1, BO, "asked")], 1, "open"),
        ([(0, ANN, "approved"), (1, BO, "asked")], 1, "approved"),
        ([(0, ANN, "approved"), (1, BO, "asked")], 2, "open"),
        ([(0, ANN, "approved"), (1, BO, "approved")], 2, "approved"),
        ([(0, ANN, "approved"), (1, BO, "rejected")], 1, "rejected"),
        ([(0, ANN, "asked"), (1, BO, "returned")], 2, "returned"),
        ([], 1, "vacant"),
        # The manager was asked beside Ann: either of them decides on her seat.
        ([(0, ANN, "asked"), (0, CY, "approved"), (1, BO, "approved")], 2, "approved"),
        ([(0, ANN, "approved"), (0, CY, "approved"), (1, BO, "asked")], 2, "open"),
        # One person for two seats is one person; whoever else can speak has to.
        ([(0, ANN, "approved"), (1, ANN, "approved"), (1, BO, "asked")], 2, "open"),
        # Nobody else is left: it is enough.
        ([(0, ANN, "approved"), (1, ANN, "approved")], 2, "approved"),
        # Seats are given so that as many as possible count: Ann on 1, Bo on 0.
        (
            [(0, ANN, "approved"), (0, BO, "approved"), (1, ANN, "approved")],
            2,
            "approved",
        ),
    ],
)
def test_outcome_of_a_level(votes, needed, outcome):
    assert decide_level([Vote(*vote) for vote in votes], needed) == outcome


@pytest.mark.parametrize(
    ("delegates", "there", "barred", "found"),
    [
        ({}, {ANN, BO}, (), ANN),
        ({ANN: BO}, {ANN, BO}, (), BO),
        # whoever has a delegate is away, so is the delegate of nobody
        ({ANN: BO, BO: CY}, {ANN, BO, CY}, (), None),
        ({ANN: BO, BO: ANN}, {ANN, BO}, (), None),
        ({ANN: BO}, {ANN, BO}, {BO}, None),  # who asks does not decide
        ({ANN: BO}, {BO}, {BO}, None),
        ({ANN: BO}, {ANN}, (), None),  # the delegate is away
        ({ANN: BO}, {ANN, BO}, {ANN}, None),  # whoever asks chooses nobody
        ({}, {BO}, (), None),
    ],
)
def test_who_stands_in(delegates, there, barred, found):
    situation = _situation(there, barred, delegates=delegates)
    assert situation.find_stand_in(ANN) == found


@pytest.mark.parametrize(
    ("managers", "there", "barred", "found"),
    [
        ({ANN: BO}, {BO}, (), BO),
        ({ANN: BO, BO: CY}, {CY}, (), CY),
        ({ANN: BO, BO: CY}, {BO, CY}, {BO}, CY),
        ({ANN: BO, BO: CY, CY: BO}, {ANN}, (), None),  # a circle above
        ({ANN: ANN}, {ANN}, (), None),  # head of their own department
        ({}, {BO}, (), None),
    ],
)
def test_the_nearest_above(managers, there, barred, found):
    situation = _situation(there, barred, managers=managers)
    assert situation.climb(ANN) == found


@pytest.mark.parametrize(
    ("amount", "last", "percent", "below_5"),
    [
        (104.9, 100.0, 4.9, True),
        (95.1, 100.0, -4.9, True),
        (104.97, 100.0, 4.97, True),  # a percentage is of a hundred
        (105.0, 100.0, 5.0, False),  # below, not up to
        (95.0, 100.0, -5.0, False),
        (-104.0, -100.0, -4.0, True),
        (100.0, 100.0, 0.0, True),
        (1.0, 0.0, None, False),  # growth from zero is no percentage
        (0.0, 0.0, None, False),
        (1.0, None, None, False),
        (None, 1.0, None, False),
        (float("nan"), 1.0, None, False),
        (1e308, 1e-308, None, False),
    ],
)
def test_small_changes(amount, last, percent, below_5):
    found = change_percent(amount, last)
    assert found == (percent if percent is None else pytest.approx(percent))
    assert is_small(amount, last, 5.0) is below_5


@pytest.mark.parametrize("threshold", [0.0, -5.0, float("nan")])
def test_a_threshold_of_nothing_approves_nothing(threshold):
    assert not is_small(100.0, 100.0, threshold)


def test_equal_content_has_one_version():
    content = {
        "name": "Targets",
        "amount": 0.1,
        "day": date(2026, 1, 2),
        "lines": [{"value": 2.0, "at": datetime(2026, 1, 2, 3, 4)}, {"value": None}],
        "file": b"\x00\xff",
    }
    version = content_version(content)
    assert len(version) == 64
    assert content_version(dict(reversed(content.items()))) == version
    changes = (
        {"amount": 0.1 + 1e-16},
        {"amount": None},
        {"day": date(2026, 1, 3)},
        {"lines": content["lines"][:1]},
        {"lines": content["lines"][::-1]},
        {"file": b"\x00"},
    )
    for change in changes:
        assert content_version({**content, **change}) != version, change


NINE_TO_FIVE = tuple(Attendance(day, 9, 17) for day in range(5))


@pytest.mark.parametrize(
    ("asked", "hours", "expected"),
    [
        # Friday 16:00 in Berlin: one hour then, seven on Monday
        (datetime(2026, 1, 9, 15), 8, datetime(2026, 1, 12, 15)),
        # the same over the night that clocks go forward (29 March 2026)
        (datetime(2026, 3, 27, 15), 8, datetime(2026, 3, 30, 14)),
        (datetime(2026, 1, 9, 15), 0, datetime(2026, 1, 9, 15)),
    ],
)
def test_due_by_working_hours(asked, hours, expected):
    calendar = WorkCalendar("Europe/Berlin", NINE_TO_FIVE)
    assert find_due(Timeline(calendar), asked, hours) == expected


def test_holidays_give_more_time():
    monday = (datetime(2026, 1, 11, 23), datetime(2026, 1, 12, 23))
    calendar = WorkCalendar("Europe/Berlin", NINE_TO_FIVE, leaves=(monday,))
    due = find_due(Timeline(calendar), datetime(2026, 1, 9, 15), 8)
    assert due == datetime(2026, 1, 13, 15)


def test_who_never_works_has_hours_of_the_clock():
    timeline = Timeline(WorkCalendar("UTC"))
    due = find_due(timeline, datetime(2026, 1, 9, 15), 8)
    assert due == datetime(2026, 1, 9, 23)
