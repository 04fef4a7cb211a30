"""What a benchmark is written with: cases, measurements, figures.

A group is a file of this folder whose name has no leading underscore, with the files
whose names go on after it: ``engine_growth.py`` belongs to ``engine``. A case is a
function in it, marked with :func:`case`, that takes a :class:`Bench` and yields
figures::

    @case("rows")
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
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LEAST_REPEAT = 3
LOAD_SECONDS = 300
LEAST_SECONDS = 0.3  # of a run: shorter ones measure the machine's other work
CLOCK_STEP = 1e-6
COMPARISONS = {"<=": operator.le, ">=": operator.ge}


class DifferentResults(Exception):
    """Both sides of a figure do not compute the same; the text says what differs."""


@dataclass(frozen=True)
class Case:
    """A function that yields figures, and the database it runs in.

    :ivar database: what it runs in: empty for none, ``engine`` with our engine only,
        ``rows`` filled by :mod:`rows`, ``deals`` by :mod:`_deals_rows`,
        ``requests`` by :mod:`_tat_rows`, ``benefits`` by :mod:`_benefits_rows`
    :ivar group: what it runs with
    """

    function: "Callable[[Bench], Iterable[Figure]]"
    database: str
    group: str

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def names(self) -> set[str]:
        """What it can be asked for by."""
        return {self.name, self.function.__module__, self.group}


CASES: dict[str, Case] = {}


def case(database: str = "", *, group: str = "") -> Callable:
    """Marks a function as a case, and says what its database holds.

    :param database: as in :class:`Case`
    :param group: another one than that of its file
    """

    def register(function: Callable) -> Callable:
        family = group or function.__module__.partition("_")[0]
        CASES[function.__name__] = Case(function, database, family)
        return function

    return register


def count_statements(env: Any, act: Callable[[], Any], *, once: bool = False) -> float:
    """Statements of an act, once what Odoo keeps for all calls is known.

    :param once: it cannot be done twice
    """
    if not once:
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
        return {
            "metric": self.metric,
            "value": self.value,
            "unit": self.unit,
            "reference": self.reference,
            "ratio": self.ratio,
        }


def find_worst(metric: str, figures: Iterable[Figure]) -> Figure:
    """The figure with the largest ratio, by another name."""
    worst = max(figures, key=lambda figure: figure.ratio)
    return replace(worst, metric=metric)


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

    :ivar seconds: how long a load goes on that is measured by time
    :ivar env: an environment as superuser in the case's own database, if it has one
    :ivar database: the name of that
    """

    repeat: int = LEAST_REPEAT
    seconds: float = LOAD_SECONDS
    env: Any = None
    database: str = ""

    def measure(
        self, *functions: Callable[[], Any], before: Callable[[], Any] | None = None
    ) -> list[float]:
        """Median seconds of each function; they take turns, so that a machine that
        gets slower slows them all. A short one is called many times in a run.

        :param before: called before every run, not timed; a run is one call then
        """
        calls = [1 if before else _calls_in_a_run(function) for function in functions]
        runs: list[list[float]] = [[] for _function in functions]
        for _turn in range(max(self.repeat, LEAST_REPEAT)):
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
        same: Callable[[Any, Any], None],
        before: Callable[[], Any] | None = None,
        target: str = "",
    ) -> Figure:
        """Seconds of ``ours`` beside those of ``reference``.

        :param same: gets both results, raises :class:`DifferentResults`
        """
        if before:
            before()
        our_result = ours()
        if before:
            before()
        same(our_result, reference())
        seconds = self.measure(ours, reference, before=before)
        return Figure(metric, seconds[0], "s", seconds[1], target)

    def peak_memory(self, function: Callable[[Any], Any]) -> tuple[float, float]:
        """MiB before and at the peak of a function, in a process of its own.

        :param function: of a group's module; gets an environment in the case's
            database, which is not committed
        """
        name = f"{function.__module__}:{function.__qualname__}"
        child = [sys.executable, str(HERE / "_odoo.py"), name, self.database]
        output = subprocess.run(child, check=True, stdout=subprocess.PIPE).stdout
        before, peak = json.loads(output.splitlines()[-1])
        return before, peak


def _calls_in_a_run(function: Callable[[], Any]) -> int:
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
    for figure in figures:
        rows.append(
            (
                figure.metric,
                f"{figure.value:.4g} {figure.unit}",
                f"{figure.reference:.4g} {figure.unit}",
                f"{figure.ratio:.4g}",
                figure.target,
                figure.verdict,
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [
        cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
    ]
    return "  ".join(cells).rstrip()


def write_json(figures: Iterable[Figure], path: Path) -> None:
    """The figures for a program."""
    text = json.dumps([figure.as_json() for figure in figures], indent=2)
    path.write_text(text + "\n", encoding="utf-8")
