import os
import random
import re
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ...engine.catalogue import Catalogue, Metric
from ...engine.reading import read
from .questions_case import (
    HERE,
    TODAY,
    ask,
    is_as_expected,
    load_catalogue,
    load_questions,
)

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("KPI_DATA") or ROOT.parent / "shared" / "data")
DEVELOPMENT = DATA / "nl_queries_dev.jsonl"
CATALOGUE = load_catalogue()
QUESTIONS = load_questions()
LONG_WORD = re.compile(r"[^\W\d_]{5,}")


def _measure(questions, catalogue):
    """The questions that are not read as expected: those asked back, and wrong ones."""
    asked, wrong = [], []
    for question in questions:
        today = date.fromisoformat(question["today"])
        found = ask(question["query"], catalogue, today)
        if not is_as_expected(question, found):
            missed = asked if found["intent"] == "clarify" else wrong
            missed.append((question["query"], found))
    return asked, wrong


def test_own_questions_are_read():
    asked, wrong = _measure(QUESTIONS, CATALOGUE)
    assert len(asked) + len(wrong) <= 0.05 * len(QUESTIONS), asked + wrong
    assert len(wrong) <= 0.01 * len(QUESTIONS), wrong


@pytest.mark.skipif(
    not DEVELOPMENT.is_file(), reason=f"{DEVELOPMENT} is not there, see KPI_DATA"
)
def test_questions_of_the_development_set_are_read():
    questions = load_questions(DEVELOPMENT)
    asked, wrong = _measure(questions, load_catalogue(DATA / "nl_catalog.json"))
    assert wrong == []
    assert len(asked) <= 2, asked


def test_own_questions_are_of_all_kinds():
    intents = Counter(question["expected"]["intent"] for question in QUESTIONS)
    languages = Counter(question["lang"] for question in QUESTIONS)
    assert len(QUESTIONS) >= 300
    assert len(intents) == 15 and min(intents.values()) >= 10
    assert set(languages) == {"en", "de", "fr", "es"}
    assert min(languages.values()) >= 40
    assert intents["clarify"] >= 45


def _misspell(word, rng):
    place = rng.randrange(len(word) - 1)
    if rng.random() < 0.5:
        return word[:place] + word[place + 1 :]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def test_one_slip_in_a_word_changes_no_kpi_and_seldom_the_reading():
    rng = random.Random(40)
    counts = Counter()
    for question in QUESTIONS:
        text = question["query"]
        meant = read(text, CATALOGUE, TODAY)
        words = list(LONG_WORD.finditer(text))
        for _ in range(5 if words and meant.kind != "clarify" else 0):
            word = rng.choice(words)
            slip = _misspell(word.group(), rng)
            found = read(
                text[: word.start()] + slip + text[word.end() :], CATALOGUE, TODAY
            )
            is_asked = found.kind == "clarify"
            counts["same"] += found.as_dict() == meant.as_dict()
            counts["all"] += 1
            assert is_asked or found.metrics == meant.metrics, (text, slip)
    assert counts["same"] >= 0.9 * counts["all"], counts


def test_eight_thousand_names_are_read_in_time():
    rng = random.Random(7)
    first = "net gross open active regional deferred blended planned critical".split()
    nouns = "order invoice claim machine supplier project shipment call asset".split()
    last = "rate count time value cost share volume margin index delay".split()
    names = [
        f"{a} {b} {c} {n}"
        for a in first
        for b in nouns
        for c in last
        for n in range(10)
    ][:8000]
    metrics = [Metric(f"k{n}", (name, f"k{n}")) for n, name in enumerate(names)]
    many = Catalogue(metrics=(*metrics, *CATALOGUE.metrics))
    read("revenue", many, TODAY)
    texts = [question["query"] for question in QUESTIONS]
    texts += [
        " ".join(f"{rng.choice(names)} last mnoth" for _ in range(20))[:500]
        for _ in range(40)
    ]
    took = []
    for text in texts:
        start = time.process_time()
        read(text, many, TODAY)
        took.append(time.process_time() - start)
    # four times the bar: processors differ, and others use their caches
    assert sorted(took)[int(len(took) * 0.95)] < 0.1


@pytest.mark.parametrize(
    ("text", "metrics"),
    [
        ("Show KPIs of the IT department", []),
        ("how is it going with uptime", ["uptime"]),
        ("rev in January", ["revenue"]),
        ("Neukunden last month", ["new_customers"]),
        ("ingresos del mes pasado", ["revenue"]),  # no alias of the catalogue
        ("Lagerumschlag 2025", ["inventory_turns"]),
    ],
)
def test_names(text, metrics):
    assert ask(text, CATALOGUE).get("metrics", []) == metrics


@pytest.mark.parametrize(
    ("text", "intent", "metrics"),
    [
        ("did we hit the revenue goal in January?", "compare", ["revenue"]),
        ("will we hit the CSAT target by June?", "forecast", ["csat"]),
        ("what's dragging SLA compliance down this month?", "explain", ["sla"]),
        ("break revenue down by department for 2025", "value", ["revenue"]),
        ("list everything Priya looks after", "list_kpis", []),
        ("which team lags behind most on scrap?", "rank", ["scrap_rate"]),
        ("Mit welchem Umsatz rechnen wir im April?", "forecast", ["revenue"]),
        ("Où en est la marge brute ce trimestre ?", "value", ["gross_margin"]),
        ("¿Llegaremos al objetivo de ingresos este año?", "forecast", ["revenue"]),
        ("uptime break even", "clarify", []),
        ("cost of churn", "clarify", []),  # João Costa
        ("coût des absences", "clarify", []),  # no “count”
        ("beat revenue", "clarify", []),
        ("churn of signed contracts", "clarify", []),
        ("put a meeting in my inbox", "clarify", []),
    ],
)
def test_ordinary_ways_to_ask(text, intent, metrics):
    found = ask(text, CATALOGUE)
    assert (found["intent"], found.get("metrics", [])) == (intent, metrics)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("forecast revenue through june", "2026-03-19", "2026-06-30"),
        ("prévision du churn jusqu'en juin", "2026-03-19", "2026-06-30"),
        ("opex for the rest of the quarter", "2026-03-19", "2026-03-31"),
        ("what will revenue be by year end", "2026-01-01", "2026-12-31"),
        ("csat last weekend", "2026-03-14", "2026-03-15"),
        ("csat next weekend", "2026-03-28", "2026-03-29"),
        ("CSAT el fin de semana pasado", "2026-03-14", "2026-03-15"),
        ("average win rate over the last quarter", "2025-10-01", "2025-12-31"),
    ],
)
def test_periods_that_are_still_to_come_and_weekends(text, first, last):
    assert ask(text, CATALOGUE)["period"] == {"from": first, "to": last}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("KPIs 10% or more below target", ["achievement", "<=", 90]),
        ("KPIs at most 5% below target", ["achievement", ">=", 95]),
        ("KPIs more than 20% above target", ["achievement", ">", 120]),
        ("KPIs that missed their target by 10%", ["achievement", "<=", 90]),
        ("KPIs 5 points below target", None),
        ("KPIs above 90% that are off target", None),
        ("KPI con un objetivo por debajo del 80 %", ["target", "<", 80]),
        ("KPI con objetivo por debajo del 80 %", None),  # or a share of it
    ],
)
def test_a_distance_from_the_target_is_no_target(text, found):
    assert ask(text, CATALOGUE).get("filters") == (found and [found])


@pytest.mark.parametrize(
    ("text", "intent", "metrics"),
    [
        ("sales last month", "value", ["revenue"]),
        ("sales KPIs last month", "list_kpis", []),
        ("sales and marketing", "clarify", []),
        ("what does Anna Schmidt own", "list_kpis", []),
        ("are we going to miss the CSAT target?", "forecast", ["csat"]),
        ("average revenue last year", "clarify", []),  # a year's is the sum
        ("revenue until february", "clarify", []),  # since when?
        ("mean csat", "value", ["csat"]),
        ("what does csat mean", "about", ["csat"]),
        ("do we hit our csat target", "forecast", ["csat"]),
        ("are we hitting our csat target", "compare", ["csat"]),
        ("revenue in q1 15 %", "clarify", []),
        ("which numbers are red", "list_kpis", []),
        ("which numbers do you have", "clarify", []),
    ],
)
def test_what_one_word_decides(text, intent, metrics):
    found = ask(text, CATALOGUE)
    assert (found["intent"], found.get("metrics", [])) == (intent, metrics)


def test_a_reason_is_between_the_two_periods_that_are_named():
    found = ask("why did revenue drop in January vs November 2025", CATALOGUE)
    assert found["intent"] == "explain"
    assert found["period"] == {"from": "2026-01-01", "to": "2026-01-31"}
    assert found["compare_to"] == {"from": "2025-11-01", "to": "2025-11-30"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("notify me when approval time is longer than 1.5 days", 36),
        ("Warne mich, wenn die Genehmigungsdauer über 1,5 Tage liegt", 36),
        ("alert me when revenue is below 1.500 EUR", 1.5),
        ("Warne mich, wenn der Umsatz unter 1.500 Euro fällt", 1500),
        ("préviens-moi si le chiffre d'affaires passe sous 1 500 €", 1500),
        ("alert me when revenue is below 1,500 EUR", 1500),
        ("alert me when revenue is below 2m", 2_000_000),
    ],
)
def test_numbers_are_read_as_each_language_writes_them(text, number):
    assert ask(text, CATALOGUE)["alerts"][0]["threshold"] == number


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("Schick mir am 5. jedes Monats den Umsatz", 5, None),
        ("Schick mir am 5. jedes Monats um 8 den Umsatz", 5, "08:00"),
        ("email me revenue monthly at 8", None, "08:00"),
        ("Schick mir jeden Freitag um 16.30 Uhr den Umsatz", "friday", "16:30"),
        ("envoie-moi le chiffre d'affaires chaque lundi à 7h15", "monday", "07:15"),
    ],
)
def test_days_and_hours_of_mails(text, day, time):
    schedule = ask(text, CATALOGUE)["schedule"]
    assert (schedule.get("day"), schedule.get("time")) == (day, time)


def test_files_of_words_hold_no_word_twice_of_one_kind():
    import json

    for path in (HERE.parents[1] / "engine" / "words").glob("*.json"):
        for kind, texts in json.loads(path.read_text("utf-8")).items():
            listed = list(texts)
            assert len(listed) == len(set(listed)), (path.name, kind)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("KPIs red and declining", [["status", "=", "off_target"],
                                    ["status", "=", "declining"]]),
        ("yellow or red KPIs", [["status", "in", ["at_risk", "off_target"]]]),
        ("KPIs red or declining", None),
        ("KPIs except those of sales and it", [["department", "not in",
                                               ["sales", "it"]]]),
        ("win rate by person excluding Anna Schmidt", [["owner", "!=",
                                                       "Anna Schmidt"]]),
        ("KPIs on target for 4 quarters running", [["on_target_streak_quarters",
                                                    ">=", 4]]),
        ("which KPIs have been red since january", [["off_target_streak_months",
                                                     ">=", 2]]),
        ("revenue 3 months running", None),
        ("revenue above 2000", None),  # perhaps the year
        ("revenue above 2000 EUR", [["value", ">", 2000]]),
        ("KPIs that never missed target", None),
        ("didn't attain any of their goals", None),
        ("KPIs that haven't met their quota", [["status", "=", "off_target"]]),
        ("which KPIs have no target", [["without_target", "=", True]]),
        ("Welche Kennzahlen haben kein Ziel?", [["without_target", "=", True]]),
        ("KPIs behind budget", [["status", "=", "off_target"]]),
        ("am I below target", [["owner", "=", "me"], ["status", "=", "off_target"]]),
        ("schedule the KPIs of my team weekly", [["owner", "=", "my_team"]]),
    ],
)  # fmt: skip
def test_conditions_that_belong_together(text, filters):
    found = ask(text, CATALOGUE)
    assert found.get("filters") == filters
    assert filters or found["intent"] == "clarify"


@pytest.mark.parametrize(
    ("text", "recipients", "filters"),
    [
        ("alert Anna Schmidt and me when csat is below 80%", ["Anna Schmidt", "me"],
         None),
        ("alert me and support when csat is below 80%", ["support", "me"], None),
        ("tell support when csat is below 80%", "support", None),
        ("alert my team when csat is below 80%", "my_team", None),
        ("alert me when csat of support is below 80%", None,
         [["department", "=", "support"]]),
        ("tell me when my csat is below 80%", None, [["owner", "=", "me"]]),
        ("notify Anna Schmidt about csat below 80%", "Anna Schmidt", None),
    ],
)  # fmt: skip
def test_who_is_notified_and_whose_kpi_it_is(text, recipients, filters):
    found = ask(text, CATALOGUE)
    assert found["alerts"][0].get("recipient") == recipients
    assert found.get("filters") == filters


@pytest.mark.parametrize(
    "text",
    [
        "alert me on Anna Schmidt's csat below 80%",
        "alert support csat below 80%",
        "alert me when csat of support except Anna is below 80%",
        "alert me when csat falls by 5 points",
        "alert me when leads rise by 50",
        "what is the formula and owner of OEE",
        "departments where csat is above 80% and nps above 30",
        "KPIs that were green last month and are red now",
        "alert me when nps drops below 85%",
    ],
)
def test_what_may_mean_two_things_is_asked_back(text):
    assert ask(text, CATALOGUE)["intent"] == "clarify"


def test_the_target_of_a_month_is_that_of_the_next_one():
    found = ask("target of revenue for december", CATALOGUE)
    assert found["period"] == {"from": "2026-12-01", "to": "2026-12-31"}
    found = ask("what was the revenue target in december", CATALOGUE)
    assert found["period"] == {"from": "2025-12-01", "to": "2025-12-31"}


@pytest.mark.parametrize(
    ("text", "recipients", "filters"),
    [
        ("send me the KPIs of Anna Schmidt every monday", None,
         [["owner", "=", "Anna Schmidt"]]),
        ("send the KPIs of Anna Schmidt to Marc Dubois weekly", "Marc Dubois",
         [["owner", "=", "Anna Schmidt"]]),
        ("send Marc Dubois and Lena Vogel csat weekly", ["Marc Dubois", "Lena Vogel"],
         None),
        ("email csat to me and Lena Vogel weekly", ["Lena Vogel", "me"], None),
        ("send my team the sales KPIs weekly", "my_team",
         [["department", "=", "sales"]]),
        ("send the sales KPIs to support weekly", "support",
         [["department", "=", "sales"]]),
    ],
)  # fmt: skip
def test_who_gets_an_email_and_whose_kpis_are_in_it(text, recipients, filters):
    found = ask(text, CATALOGUE)
    assert found["schedule"].get("recipient") == recipients
    assert found.get("filters") == filters


@pytest.mark.parametrize(
    "text",
    ["email me csat every monday and friday", "email everyone csat every monday"],
)
def test_emails_that_there_are_not_are_asked_back(text):
    assert ask(text, CATALOGUE)["intent"] == "clarify"
