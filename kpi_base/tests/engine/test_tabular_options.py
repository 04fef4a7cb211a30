import pytest

from ...engine.tabular import OptionError, TargetOption, check_options, read_options

NAN = float("nan")
CREATES = TargetOption("creates", "Create", default=False)
PREFIX = TargetOption("prefix", "Prefix", "text", default="")
CALENDAR = TargetOption("calendar", "Calendar", "choice", choices=[(7, "Fiscal")])
PERCENT = TargetOption("percent", "On track", "number", default=95.0)
OPTIONS = (CREATES, PREFIX, CALENDAR, PERCENT)


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({}, {}),
        ({"creates": True, "calendar": 7}, {"creates": True, "calendar": 7}),
        ({"percent": 0}, {"percent": 0}),  # nothing is a value, too
        ({"creates": None, "percent": None}, {}),
        ({"calendar": 8}, {}),  # a calendar that is gone
        ({"another": 1}, {}),  # of another target
    ],
)
def test_what_is_not_chosen_is_as_usual(given, changed):
    usual = {"creates": False, "prefix": "", "calendar": None, "percent": 95.0}
    assert read_options(OPTIONS, given) == usual | changed


@pytest.mark.parametrize(
    "given",
    [
        {"another": 1},
        {"creates": 1},
        {"creates": "yes"},
        {"prefix": 5},
        {"calendar": 8},
        {"calendar": "7"},
        {"calendar": True},
        {"calendar": [7]},
        {"percent": "95"},
        {"percent": True},
        {"percent": NAN},
        {"percent": float("inf")},
    ],
)
def test_what_no_option_holds_is_refused(given):
    with pytest.raises(OptionError):
        check_options(OPTIONS, given)


def test_what_options_hold_is_taken():
    given = {"creates": True, "prefix": "a_", "calendar": 7, "percent": 5}
    check_options(OPTIONS, {**given, "creates": None})
    check_options(OPTIONS, given)
