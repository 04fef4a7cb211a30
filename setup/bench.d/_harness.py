"""What a benchmark is written with: cases, measurements, figures.

A case is a function of a file of this folder whose name has no leading underscore. It
is marked with :func:`case`, takes a :class:`Bench` and yields figures::

    @case("leads")
    def recompute(bench):
        yield bench.compare(
            "recompute_vs_sql",
            ours=lambda: bench.env["kpi.source"]._recompute_all(),
            reference=lambda: bench.env.execute_query(STATEMENT),
            same=same_facts,
            target="<= 1.5",
        )
"""

import gc
import json
import math
import operator
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DATA = Path(os.environ.get("KPI_DATA") or HERE.parents[1].parent / "shared" / "data")
LEAST_REPEAT = 3
LEAST_SECONDS = 0.3  # of a run: shorter ones measure the machine's other work
CLOCK_STEP = 1e-6
COMPARISONS = {"<=": operator.le, ">=": operator.ge}


class DifferentResults(Exception):
    """Both sides of a figure do not compute the same; the text says what differs."""


@dataclass(frozen=True)
class Case:
    """A function that yields figures, and the database it runs in.

    :ivar database: a kind of :mod:`_database`; empty: none
    """

    function: "Callable[[Bench], Iterable[Figure]]"
    database: str

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def file(self) -> str:
        return self.function.__module__


CASES: dict[str, Case] = {}


def case(database: str = "") -> Callable:
    """Marks a function as a case, and says what its database holds."""

    def register(function: Callable) -> Callable:
        CASES[function.__name__] = Case(function, database)
        return function

    return register


def count_statements(env: Any, act: Callable[[], Any]) -> float:
    """Statements of an act, once what Odoo keeps for all calls is known."""
    act()
    env.flush_all()
    env.cr.precommit.run()
    env.invalidate_all()
    before = env.cr.sql_log_count
    act()
    env.flush_all()
    env.cr.precommit.run()
    return float(env.cr.sql_log_count - before)


@dataclass(frozen=True)
class Figure:
    """A measured value beside its reference, both in ``unit``.

    :ivar target: what the ratio should be, such as ``<= 2``; only printed
    """

    metric: str
    value: float
    unit: str
    reference: float
    target: str = ""

    @property
    def ratio(self) -> float:
        return self.value / self.reference

    @property
    def verdict(self) -> str:
        """``met`` or ``missed``; empty without a target."""
        if not self.target:
            return ""
        sign, number = self.target.split()
        return "met" if COMPARISONS[sign](self.ratio, float(number)) else "missed"

    def as_json(self) -> dict[str, Any]:
        names = ("metric", "value", "unit", "reference", "ratio")
        return {name: getattr(self, name) for name in names}


def constant(metric: str, counted: set[float], most: float) -> Figure:
    """Statements, which are as many whatever is shown."""
    if len(counted) > 1:
        raise DifferentResults(f"{metric} grow: {counted}")
    return Figure(metric, counted.pop(), "queries", most, "<= 1")


def check_equal(ours: Sequence, reference: Sequence) -> None:
    """:raises DifferentResults: there is nothing, or a row or their number differs"""
    if not ours:
        raise DifferentResults("there is nothing to compare")
    for one, other in zip(ours, reference, strict=False):
        if one != other:
            raise DifferentResults(f"{one} is not {other}")
    if len(ours) != len(reference):
        raise DifferentResults(f"{len(ours)} rows, not {len(reference)}")


@dataclass
class Bench:
    """What a case works with.

    :ivar env: an environment as superuser in the case's own database, if it has one
    :ivar database: the name of that
    """

    repeat: int = LEAST_REPEAT
    env: Any = None
    database: str = ""

    def measure(
        self,
        *functions: Callable[[], Any],
        before: Callable[[], Any] | None = None,
        turns: int = 0,
    ) -> list[float]:
        """Median seconds of each function; they take turns, so that a machine that
        gets slower slows them all. A short one is called many times in a run.

        :param before: called before every run, not timed; a run is one call then
        :param turns: so many single calls in turn, as people's calls come one by one
        """
        is_single = before or turns
        calls = [1 if is_single else _calls_in_a_run(each) for each in functions]
        runs: list[list[float]] = [[] for _function in functions]
        for _turn in range(turns or max(self.repeat, LEAST_REPEAT)):
            for function, count, seconds in zip(functions, calls, runs, strict=True):
                if before:
                    before()
                seconds.append(_seconds(function, count) / count)
        return [statistics.median(seconds) for seconds in runs]

    def compare(
        self,
        metric: str,
        *,
        ours: Callable[[], Any],
        reference: Callable[[], Any],
        same: Callable[[Any, Any], None] = check_equal,
        before: Callable[[], Any] | None = None,
        target: str = "",
    ) -> Figure:
        """Seconds of ``ours`` beside those of ``reference``.

        :param same: gets both results, raises :class:`DifferentResults`
        """
        results = []
        for function in (ours, reference):
            if before:
                before()
            results.append(function())
        same(*results)
        seconds = self.measure(ours, reference, before=before)
        return Figure(metric, seconds[0], "s", seconds[1], target)


def _calls_in_a_run(function: Callable[[], Any]) -> int:
    function()  # what it finds out for all calls is known then
    return math.ceil(LEAST_SECONDS / max(_seconds(function, 1), CLOCK_STEP))


def _seconds(function: Callable[[], Any], calls: int) -> float:
    gc.collect()
    start = time.perf_counter()
    for _call in range(calls):
        function()
    return time.perf_counter() - start


def table(figures: Iterable[Figure]) -> str:
    """The figures for a terminal."""
    rows = [("metric", "value", "reference", "ratio", "target", "")]
    for one in figures:
        numbers = (f"{number:.4g} {one.unit}" for number in (one.value, one.reference))
        rows.append((one.metric, *numbers, f"{one.ratio:.4g}", one.target, one.verdict))
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join([name.ljust(first), *map(str.rjust, cells, others)]).rstrip()
        for name, *cells in rows
    ]
    return "\n".join(lines)


def write_json(figures: Iterable[Figure], path: Path) -> None:
    """The figures for a program."""
    text = json.dumps([figure.as_json() for figure in figures], indent=2)
    path.write_text(text + "\n", encoding="utf-8")
