"""The questions that reading is measured by, and how an answer is compared."""

import datetime as dt
import itertools
import json
from pathlib import Path

from ...engine.catalogue import Catalogue, Metric
from ...engine.follow_up import read_next
from ...engine.reading import read

HERE = Path(__file__).parent
TODAY = dt.date(2026, 3, 18)
SLOTS = (
    "intent",
    "metrics",
    "filters",
    "period",
    "compare_to",
    "group_by",
    "granularity",
    "order",
    "limit",
    "offset",
    "alerts",
    "rank_by",
    "schedule",
    "about",
)
UNORDERED = {"metrics", "filters", "alerts"}


def load_catalogue(path=HERE / "catalogue.json"):
    content = json.loads(path.read_text("utf-8"))
    people = [
        one["name"] if isinstance(one, dict) else one for one in content["people"]
    ]
    return Catalogue(
        metrics=tuple(
            Metric(
                kpi["code"],
                (kpi["name"], kpi["code"], *kpi["aliases"]),
                kpi["unit"],
                kpi["better"],
                is_additive=kpi["unit"] in ("EUR", "count"),
            )
            for kpi in content["kpis"]
        ),
        departments={name: (name,) for name in content["departments"]},
        people={name: (name,) for name in people},
    )


def load_questions(path=HERE / "questions.jsonl"):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def ask(text, catalogue, today=TODAY, language="en", context=None):
    """The slots that ``text`` fills, without those that are empty.

    :param context: the question that was asked before
    """
    found = read(text, catalogue, today, language)
    if context:
        after = read(context, catalogue, today, language)
        found = read_next(text, catalogue, today, language, after)
    found = found.as_dict()
    if found["schedule"]:
        found["schedule"] = _without_nothing(found["schedule"])
    found["alerts"] = [_without_nothing(alert) for alert in found["alerts"]]
    return _without_nothing(found)


def is_as_expected(question, found):
    """Check by the rules of the development set: alternatives may be combined; of a
    question back only the intent counts."""
    return any(_agrees(expected, found) for expected in _expected(question))


def _expected(question):
    others = question.get("accept", [])
    for count in range(len(others) + 1):
        for chosen in itertools.combinations(others, count):
            slots = [slot for other in chosen for slot in other]
            if len(slots) == len(set(slots)):
                expected = dict(question["expected"])
                for other in chosen:
                    expected |= other
                yield expected


def _agrees(expected, found):
    slots = ("intent",) if expected["intent"] == "clarify" else SLOTS
    return all(
        _plain(slot, expected.get(slot)) == _plain(slot, found.get(slot))
        for slot in slots
    )


def _plain(slot, value):
    if value in (None, [], {}):
        return None
    if slot == "alerts":
        value = [_without_nothing(alert) for alert in value]
    if slot in UNORDERED:
        return sorted(json.dumps(_sorted(one), sort_keys=True) for one in value)
    return value


def _sorted(value):
    if not isinstance(value, list):
        return value
    return [sorted(part) if isinstance(part, list) else part for part in value]


def _without_nothing(values):
    return {key: value for key, value in values.items() if value not in (None, [], {})}
