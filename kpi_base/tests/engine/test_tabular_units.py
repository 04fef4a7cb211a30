import pytest

from ...engine.tabular import (
    Amount,
    CellError,
    Goal,
    GoalRange,
    Reading,
    find_units,
    fold_units,
    is_factor,
    split_title,
)

KNOWN = fold_units(["EUR", "USD", "ALL", "€", "kr.", "pcs", "%"])


@pytest.mark.parametrize(
    ("title", "name", "units"),
    [
        ("Value (TEUR)", "Value", ("TEUR",)),
        ("Wert in T€", "Wert", ("T", "€")),
        ("Betrag [k€]", "Betrag", ("k", "€")),
        ("Revenue in Mio. EUR", "Revenue", ("Mio", "EUR")),
        ("Value in thousands", "Value", ("thousands",)),
        ("Value (in thousands of EUR)", "Value", ("thousands", "EUR")),
        ("Value ('000)", "Value", ("'000",)),
        ("Value (k)", "Value", ("k",)),
        ("Revenue (EUR)", "Revenue", ("EUR",)),
        ("Revenue EUR", "Revenue", ("EUR",)),
        ("Margin (%)", "Margin", ("%",)),
        ("Margin %", "Margin", ("%",)),
        ("Duration (min)", "Duration", ("min",)),
        ("Orders (net) [EUR]", "Orders (net)", ("EUR",)),
    ],
)
def test_units_behind_a_title(title, name, units):
    assert split_title(title, KNOWN) == (name, units)


@pytest.mark.parametrize(
    "title",
    [
        *("Value", "Value (net)", "Value (YTD)", "Value (all)", "Value (ALL)"),
        *("(EUR)", "%", "Calls in January", "Value (eur)", "Value (T)", "Value (m)"),
        *("Calls 2026", "Jan 2026", "Revenue NET", "Orders (EU)", "Value (CHF)"),
        *("Actual (FY26)", "Calls (#)", "On time (of all, %, net)", ""),
    ],
)
def test_titles_without_a_unit(title):
    assert split_title(title, KNOWN) == (title, ())


def test_factors():
    units = ("TEUR", "k", "Mio", "MRD", "thousands", "'000", "lakh", "kUSD")
    assert all(map(is_factor, units))
    assert not any(map(is_factor, ("EUR", "€", "%", "min", "pcs")))


def test_texts_that_are_units():
    assert find_units("TEUR", KNOWN) == ("TEUR",)
    assert find_units("Mio. €", KNOWN) == ("Mio", "€")
    assert find_units("hours", KNOWN) == ("hours",)
    for text in ("", "number", "yes/no", "EUR per head", "percent", "#", "T"):
        assert not find_units(text, KNOWN)


def test_numbers_have_the_unit_of_their_title():
    read = Reading("number", known_units=KNOWN, title_units=("TEUR",)).reader()
    for cell in (1.5, "1.5"):
        assert (read(cell), read(cell).units) == (1.5, ("TEUR",))
        assert read(cell).is_titled
    assert (read("2 EUR").units, read("2 EUR").is_titled) == (("EUR",), False)
    assert read("  ") is None


def test_targets_have_the_unit_of_their_title():
    reading = Reading(
        "number", has_goals=True, known_units=KNOWN, title_units=("TEUR",)
    )
    read = reading.reader()
    assert isinstance(read("≥ 5"), Goal)
    assert read("≥ 5").sign == "≥"
    assert read("10–12") == GoalRange(10, 12)
    for cell in ("≥ 5", "10–12", "7"):
        assert (read(cell).units, read(cell).is_titled) == (("TEUR",), True)
    assert isinstance(read("7"), Amount)


def test_a_factor_that_would_be_lost_is_refused():
    read = Reading("number", known_units=KNOWN, lost_factor="TEUR").reader()
    with pytest.raises(CellError, match="“1.5” is in TEUR, by the title"):
        read("1.5")
    assert read("") is None
