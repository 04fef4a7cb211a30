"""Formulas: our evaluator, and the same expressions written by hand in numpy."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np

from _harness import Bench, DifferentResults, Figure, case

FORMULAS, SCOPES, PERIODS = 1_000, 10, 36
SHARE_MISSING = 0.1
NAN = np.nan


def _choose(left, right, then, otherwise):
    """``then`` where left > right, else ``otherwise``; NaN where that is unknown."""
    known = ~(np.isnan(left) | np.isnan(right))
    return np.where(known, np.where(left > right, then, otherwise), NAN)


def _or_else(value, otherwise):
    return np.where(np.isnan(value), otherwise, value)


def _before(value):
    return np.column_stack([np.full(len(value), NAN), value[:, :-1]])


# Expressions over KPIs a to f and a constant k, and the same in numpy. Two thirds plain
# arithmetic, the rest with functions; five operators or more each. Nothing is divided
# by zero, so that numpy needs no care that the evaluator takes.
SHAPES: dict[str, Callable[..., np.ndarray]] = {
    "(a - b) / c * 100 + d - {k}": lambda o, k: (o.a - o.b) / o.c * 100 + o.d - k,
    "(a + b + c) / (d + e + f) * {k}": lambda o, k: (
        (o.a + o.b + o.c) / (o.d + o.e + o.f) * k
    ),
    "a * {k} + b * 0.3 + c * 0.2": lambda o, k: o.a * k + o.b * 0.3 + o.c * 0.2,
    "a / b - c / d + e / f * {k}": lambda o, k: o.a / o.b - o.c / o.d + o.e / o.f * k,
    "(a - b) * (c - d) / (e + {k})": lambda o, k: (o.a - o.b) * (o.c - o.d) / (o.e + k),
    "100 * (a - b - c - d) / (a + {k})": lambda o, k: (
        100 * (o.a - o.b - o.c - o.d) / (o.a + k)
    ),
    "a ** 2 + b ** 2 - {k} * c * d": lambda o, k: o.a**2 + o.b**2 - k * o.c * o.d,
    "-a + b * c / d - e + f / {k}": lambda o, k: -o.a + o.b * o.c / o.d - o.e + o.f / k,
    "if_(a > b, c + d, e - f) * {k} / d": lambda o, k: (
        _choose(o.a, o.b, o.c + o.d, o.e - o.f) * k / o.d
    ),
    "(coalesce(a, 0) + coalesce(b, {k}) - c) / d * e": lambda o, k: (
        (_or_else(o.a, 0) + _or_else(o.b, k) - o.c) / o.d * o.e
    ),
    "(a - prev(a)) / prev(a) * 100 + b * {k}": lambda o, k: (
        (o.a - _before(o.a)) / _before(o.a) * 100 + o.b * k
    ),
    "min(a, b) / max(c, d) * 100 - abs(e - f) * {k}": lambda o, k: (
        np.fmin(o.a, o.b) / np.fmax(o.c, o.d) * 100 - np.abs(o.e - o.f) * k
    ),
}


@case()
def formula_vs_numpy(bench: Bench) -> Iterator[Figure]:
    """Seconds for a thousand formulas, each over its own 10 scopes × 36 months.

    Reading a formula happens once when it is saved, and is not timed.
    """
    from odoo.addons.kpi_tracking.engine.formula import EvalContext, evaluate, parse

    rng = np.random.default_rng(7)
    context = EvalContext(
        SCOPES, np.full(PERIODS, 30.0), np.repeat(np.arange(PERIODS // 12), 12)
    )
    shapes = list(SHAPES.items())
    jobs, by_hand = [], []
    for number in range(FORMULAS):
        text, function = shapes[number % len(shapes)]
        constant = 1 + number / 100
        arrays = {code: _facts(rng) for code in "abcdef"}
        jobs.append((parse(text.format(k=constant)), arrays, context))
        by_hand.append((function, (SimpleNamespace(**arrays), constant)))
    yield bench.compare(
        "formula_vs_numpy",
        ours=lambda: [evaluate(*job).values for job in jobs],
        reference=lambda: [function(*arguments) for function, arguments in by_hand],
        same=_check_same,
        target="<= 2",
    )


def _facts(rng: np.random.Generator) -> np.ndarray:
    values = rng.uniform(1, 1000, (SCOPES, PERIODS))
    values[rng.random(values.shape) < SHARE_MISSING] = NAN
    return values


def _check_same(ours: list[np.ndarray], by_hand: list[np.ndarray]) -> None:
    for number, (left, right) in enumerate(zip(ours, by_hand, strict=True)):
        if not np.allclose(left, right, rtol=1e-12, atol=1e-9, equal_nan=True):
            raise DifferentResults(f"formula {number}")
