"""Units that do not go together are warned about, at their place."""

import pytest

from ...engine.formula import Unit, check_units, parse, sentences

EUR, USD = Unit("currency", "EUR"), Unit("currency", "USD")
NUMBER, PERCENT, SCORE = Unit("number"), Unit("percent"), Unit("score")
HOURS, DAYS = Unit("duration", "hour"), Unit("duration", "day")
LEADS, BOOL = Unit("custom", "leads"), Unit("boolean")
UNITS = {
    "revenue": EUR,
    "cost": EUR,
    "us_revenue": USD,
    "margin": PERCENT,
    "growth": PERCENT,
    "won": NUMBER,
    "lost": NUMBER,
    "hours": HOURS,
    "age": DAYS,
    "leads": LEADS,
    "health": SCORE,
    "is_met": BOOL,
}

WITHOUT_WARNING = [
    ("revenue - cost", EUR),
    ("revenue - 1000", EUR),
    ("revenue * 1.2", EUR),
    ("revenue / won", EUR),
    ("revenue / cost", NUMBER),
    ("100 * revenue / cost", PERCENT),
    ("revenue / cost * 100", PERCENT),
    ("(revenue - cost) / revenue * 100 - margin", PERCENT),
    ("100 - margin", PERCENT),
    ("margin - prev(margin)", PERCENT),
    ("revenue * margin / 100", EUR),
    ("revenue * (1 + growth / 100)", EUR),
    ("won * 100", NUMBER),
    ("revenue / days_in_period()", EUR),
    ("revenue / days_in_period() * 30", EUR),
    ("age / days_in_period()", NUMBER),
    ("revenue / hours", EUR),
    ("margin > 30 and won >= 3", BOOL),
    ("won + is_met", NUMBER),
    ("if_(won > 3, revenue, 0)", EUR),
    ("max(revenue, target(revenue))", EUR),
    ("coalesce(revenue, baseline(revenue), 0)", EUR),
    ("ytd(revenue) / ytd(won)", EUR),
    ("leads / won", LEADS),
    ("won + lost", LEADS),  # a count may be called by any name
    ("won / lost * 10", SCORE),
    ("abs(round(revenue, 2))", EUR),
    ("revenue ** 2 / revenue", EUR),
    ("revenue ** -1 * revenue", NUMBER),
    ("revenue ** -2 * revenue ** 3", EUR),
    ("revenue ** 0", NUMBER),
    ("unknown + revenue", EUR),
    ("unknown * revenue", PERCENT),
    ("7", EUR),
]
WARNED = [
    # text, declared unit, column, part of the message
    ("revenue + margin", EUR, 11, "an amount in EUR and a percentage"),
    ("revenue - us_revenue", EUR, 11, "Convert one of the currencies"),
    ("won + revenue", EUR, 7, "a number and an amount in EUR"),
    ("if_(margin > revenue, 1, 0)", NUMBER, 14, "compares a percentage and an amount"),
    ("max(revenue, won, cost)", EUR, 14, "combines an amount in EUR and a number"),
    ("if_(won > 1, revenue, margin)", EUR, 23, "either an amount in EUR or a perc"),
    ("hours + age", HOURS, 9, "a time in hours and a time in days"),
    ("margin + won / lost", PERCENT, 10, "Multiply the other value by 100"),
    ("revenue * (1 + growth)", EUR, 12, "Write 100, or divide the percentage by 100"),
    ("ytd(margin)", PERCENT, 1, "ytd(part) / ytd(total)"),
    (
        "won / (won + lost)",
        EUR,
        1,
        "returns a number, but the KPI's unit is an amount",
    ),
    ("won / (won + lost)", PERCENT, 1, "Multiply by 100"),
    ("revenue * margin", EUR, 1, "Divide by 100 before multiplying"),
    (
        "revenue",
        USD,
        1,
        "an amount in EUR, but the KPI's unit is an amount in USD",
    ),
    ("revenue", NUMBER, 1, "returns an amount in EUR"),
    ("revenue * cost", EUR, 1, "an amount in EUR to the power 2"),
    ("revenue ** 0.5", EUR, 12, "must be a fixed whole number"),
    ("margin", BOOL, 1, "returns a percentage"),
    ("leads + health", LEADS, 9, "leads and a score"),
]


@pytest.mark.parametrize(("text", "unit"), WITHOUT_WARNING)
def test_units_that_agree(text, unit):
    assert check_units(parse(text), UNITS, unit) == []


@pytest.mark.parametrize(("text", "unit", "column", "message"), WARNED)
def test_units_that_do_not_agree(text, unit, column, message):
    (warning, *others) = check_units(parse(text), UNITS, unit)
    assert not others  # a mistake is reported once, not at every step after it
    assert warning.column == column
    assert message in sentences(warning.texts)


def test_warnings_come_in_reading_order_with_their_line():
    formula = parse("(revenue + margin) * 0 +\n (revenue + us_revenue)")
    places = [(w.line, w.column) for w in check_units(formula, UNITS, EUR)]
    assert places == [(1, 12), (2, 13)]


@pytest.mark.parametrize(
    ("kind", "code"), [("currency", ""), ("percent", "x"), ("m", "")]
)
def test_unit_that_cannot_be_is_refused(kind, code):
    with pytest.raises(ValueError):
        Unit(kind, code)
