"""Forecasts of benefits on histories that nobody simulated, beside plan and pace.

Measures of a city (``kpi`` of KPI_DATA, fiscal year 2016): the target of the year, of a
count a twelfth each month, is the plan, the months are what was realised. Projects of a
water company (``projects``): what a program tenders in a month is planned to be done
the median number of months later, and realised when it is.
What is not there is skipped by name.
"""

import csv
import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from _harness import DATA, Bench, Figure, case

MONTHS = "OCT NOV DEC JAN FEB MAR APR MAY JUN JUL AUG SEP".split()
KNOWN = 10  # months of a measure that have a value, at least
LIFE = 24  # months of a history of projects
DATES = ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %I:%M:%S %p", "%d/%m/%Y")
AGES = (0.25, 0.5, 0.75)  # of the life
WORST = 2.0  # an error counts for no more, so that one history does not rule

Pair = tuple[np.ndarray, np.ndarray]


def read_measures(file: Path) -> list[Pair]:
    """Planned and realised months of the measures with a target."""
    found = []
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            done = np.array([_read_number(row[month]) for month in MONTHS])
            plan, known = (
                _read_number(row["CFY_APPROVED"]),
                np.flatnonzero(done == done),
            )
            if not plan > 0 or len(known) < KNOWN or not np.nansum(np.abs(done)):
                continue
            done = done[: known[-1] + 1]
            # What is nearer to the target says whether months add up to it.
            sizes = (abs(np.nansum(done)), abs(np.nanmean(done)))
            total, mean = (abs(math.log(size / plan)) for size in sizes)
            month = plan / len(MONTHS) if total < mean else plan
            found.append((np.full(len(done), month), done))
    return found


def read_projects(file: Path) -> list[Pair]:
    """Planned and realised months of the programs with some projects, by two years."""
    groups = defaultdict(list)
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            begun, ended = (_read_month(row[at]) for at in ("Tender Closed", "Stage3"))
            cost = _read_number(row["FFC"])
            if begun and ended and cost > 0:
                groups[row["Delivery Program"]].append((begun, ended, cost))
    lags = [last - first for rows in groups.values() for first, last, _cost in rows]
    found = []
    for projects in groups.values():
        begun, ended, costs = (np.array(each) for each in zip(*projects, strict=True))
        due = begun + int(np.median(lags))
        for first in range(min(due), max(due) - LIFE, LIFE):
            months = np.arange(first, first + LIFE)
            planned, done = (
                (np.equal.outer(months, at) * costs).sum(1) for at in (due, ended)
            )
            found.append((planned, done))
    return found


def _read_number(text: str) -> float:
    try:
        return float(text.replace(",", "").replace("%", "").replace("$", ""))
    except ValueError:
        return math.nan


def _read_month(text: str) -> int | None:
    """Months since year 0; None without a date."""
    for form in DATES:
        try:
            day = datetime.strptime(text.strip(), form)
        except ValueError:
            continue
        return day.year * 12 + day.month
    return None


@case()
def outlook(bench: Bench) -> Iterator[Figure]:
    """What such forecasts miss the final share by, and how many ranges hold."""
    sources = {
        "measures": (read_measures, "kpi/austin_fy2016_measures.csv"),
        "projects": (read_projects, "projects/melbourne_water_capital_projects.csv"),
    }
    for name, (read, path) in sources.items():
        if not (DATA / path).is_file():
            print(f"{name}: skipped, {DATA / path} is not there.", file=sys.stderr)
            continue
        pairs = read(DATA / path)
        for age in AGES:
            yield from _measure(f"{name}_at_{age * 100:.0f}", pairs, age)


def _measure(name: str, pairs: list[Pair], age: float) -> Iterator[Figure]:
    from odoo.addons.kpi_benefits.engine.history import History
    from odoo.addons.kpi_benefits.engine.outlook import look_ahead

    errors, held = [], []
    for planned, realised in pairs:
        closed = max(round(age * len(planned)), 1)
        history = History(planned, realised[:closed])
        if not history.left or not planned[:closed].any():
            continue
        found = look_ahead([history])
        truth = np.nansum(realised) / history.total
        pace = history.done / planned[:closed].sum()
        by_pace = (history.done + pace * history.left) / history.total
        tried = np.array([found.rate, 1.0, by_pace])
        errors.append(np.minimum(np.abs(tried - truth), WORST))
        held.append(found.low <= truth <= found.high)
    ours, plan, pace = np.mean(errors, axis=0)
    yield Figure(f"{name}_vs_plan", ours, "of the plan", plan, "<= 1")
    yield Figure(f"{name}_vs_pace", ours, "of the plan", pace, "<= 1.1")
    yield Figure(f"{name}_within_80", float(np.mean(held)), "held", 0.8, ">= 0.95")
