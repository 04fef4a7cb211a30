"""Python writes what the table of cases holds; the browser reads the same one."""

import json
from datetime import date, datetime, time
from pathlib import Path
from types import SimpleNamespace

import pytest

from ...engine import formatting
from ...engine.formatting import (
    END,
    ISOLATE,
    Currency,
    Unit,
    language_table,
    unit_description,
)

CASES = json.loads(
    (Path(__file__).parents[2] / "static/tests/formatting_cases.json").read_text()
)
ENGLISH = language_table("en_US")
NUMBER = Unit()
EURO = Unit("currency", currency=Currency("€"))


def unit_of(case):
    currency = case.get("currency")
    return Unit(
        case["kind"],
        case.get("decimals", 0),
        case.get("symbol", ""),
        currency and Currency(currency["symbol"], currency["position"] == "before"),
        case.get("durationUnit", "day"),
    )


def read(given):
    """An argument of a case: a unit, day or moment, else as it is."""
    if isinstance(given, dict):
        return unit_of(given)
    if isinstance(given, str) and given[:4].isdigit():
        return (
            datetime.fromisoformat(given) if "T" in given else date.fromisoformat(given)
        )
    return given


def make_table(code):
    known = CASES["languages"][code]
    return language_table(code, **known)


@pytest.mark.parametrize("code", CASES["languages"])
def test_each_language_is_written_as_the_table_of_cases_says(code):
    table = make_table(code)
    assert len(CASES["cases"]) >= 60
    for name, given, expected in CASES["cases"]:
        found = getattr(formatting, name)(table, *map(read, given))
        assert found == expected[code], (name, given)


@pytest.mark.parametrize("code", CASES["languages"])
def test_the_browser_gets_the_table_that_python_has(code):
    assert json.loads(json.dumps(make_table(code))) == CASES["tables"][code]


def test_a_language_that_babel_does_not_know_is_written_with_english_names():
    for code in ("xx_YY", "tlh", "", "de-at-x-own", "klingon_KL"):
        table = language_table(code)
        assert formatting.day(table, date(2026, 11, 6)).startswith(("Nov 6", "6."))
    table = language_table("xx_YY")
    assert formatting.day(table, date(2026, 11, 6)) == "Nov 6, 2026"
    assert formatting.percent(table, 0.12) == "12%"


def test_every_language_of_odoo_has_all_patterns():
    for code in (
        "am_ET az_AZ bg_BG bn_IN bs_BA ca_ES cs_CZ da_DK el_GR es_419 et_EE eu_ES "
        "fa_IR fi_FI gl_ES gu_IN he_IL hi_IN hr_HR hu_HU id_ID is_IS it_IT ja_JP "
        "ka_GE kab_DZ km_KH ko_KP ko_KR lo_LA lb_LU lt_LT lv_LV mk_MK ml_IN mn_MN "
        "ms_MY my_MM nb_NO ne_NP nl_BE nl_NL pl_PL pt_AO pt_BR pt_PT ro_RO ru_RU "
        "sk_SK sl_SI sq_AL sr@Cyrl sr@latin sv_SE sw ta_IN te_IN th_TH tl_PH "
        "tr_TR uk_UA vi_VN zh_CN zh_HK zh_TW "
    ).split():
        table = language_table(code)
        written = formatting.moment(table, datetime(2026, 11, 6, 14, 30))
        assert "2026" in written, code
        assert "30" in written, code
        assert "{" not in written, code
        written = formatting.clock(table, time(14, 30, 59), with_seconds=True)
        assert "59" in written, code
        assert "{" not in written, code
        assert "12" in formatting.percent(table, 0.12), code
        assert formatting.period(table, date(2026, 11, 1), "quarter"), code


def test_seconds_are_written_where_they_are_asked_for():
    value = datetime(2026, 11, 6, 14, 5, 9)
    for code, text in (
        ("en_US", "Fri, Nov 6, 2:05:09 PM"),
        ("de_DE", "Fr., 6. Nov., 14:05:09"),
        ("fi_FI", "pe 6. marrask. klo 14.05.09"),
    ):
        table, today = language_table(code), date(2026, 12, 24)
        written = formatting.moment(
            table, value, today, form="weekday", with_seconds=True
        )
        assert written == text


def test_a_number_its_sign_and_its_unit_stay_in_one_isolate():
    table = make_table("ar_001")
    for text in (
        formatting.compact(table, 82431, EURO),
        formatting.change(table, 82, 100, NUMBER),
        formatting.change(table, 5, 0, NUMBER),
        formatting.percent(table, -0.125),
        formatting.achievement(table, 2000),
    ):
        assert text.startswith(ISOLATE)
        assert text.endswith(END)
        assert text.count(ISOLATE) == text.count(END) == 1


@pytest.mark.parametrize(
    ("value", "reference", "expected"),
    [
        (112, 2, True),  # 5500%
        (22, 2, True),  # tenfold more
        (21, 2, False),
        (2, 112, False),  # 98% less
        (-112, -2, True),
        (112, -2, False),  # no percentage at all
        (112, 0, False),
    ],
)
def test_of_almost_nothing_a_percentage_says_less_than_the_numbers(
    value, reference, expected
):
    assert formatting.is_far(value, reference) == expected


def test_nothing_is_written_as_less_than_nothing():
    assert formatting.fixed(ENGLISH, -0.4, NUMBER) == "0"
    assert formatting.compact(ENGLISH, -0.0, NUMBER) == "0"
    assert formatting.percent(ENGLISH, -0.0004) == "0%"


def test_words_are_those_of_the_reader():
    words = {
        "yes": "Ja",
        "no": "Nein",
        "point": "%s Punkt",
        "points": "%s Punkte",
        "day": "T",
    }
    table = {**make_table("de_DE"), "words": words}
    assert formatting.compact(table, 1, Unit("boolean")) == "Ja"
    assert formatting.change(table, 34.1, 36.2, Unit("percent", 1)) == "−2,1 Punkte"
    assert formatting.change(table, 37.2, 36.2, Unit("percent", 1)) == "+1 Punkt"
    assert formatting.compact(table, 3, Unit("duration")) == "3\u202fT"


def test_a_unit_is_described_without_none():
    # JavaScript takes False for a relation that is empty, and a text for a symbol.
    kpi = SimpleNamespace(
        unit="number", decimals=2, unit_symbol=None, duration_unit=None
    )
    assert unit_description(kpi, None) == {
        "kind": "number",
        "decimals": 2,
        "currencyId": False,
        "symbol": "",
        "durationUnit": False,
    }
