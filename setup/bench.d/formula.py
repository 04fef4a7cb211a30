"""Formulas: our evaluator, and the same expressions written by hand in numpy."""

from collections.abc import Callable, Iterator

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
    "(a - b) / c * 100 + d - {k}": lambda a, b, c, d, e, f, k: (
        (a - b) / c * 100 + d - k
    ),
    "(a + b + c) / (d + e + f) * {k}": lambda a, b, c, d, e, f, k: (
        (a + b + c) / (d + e + f) * k
    ),
    "a * {k} + b * 0.3 + c * 0.2": lambda a, b, c, d, e, f, k: (
        a * k + b * 0.3 + c * 0.2
    ),
    "a / b - c / d + e / f * {k}": lambda a, b, c, d, e, f, k: (
        a / b - c / d + e / f * k
    ),
    "(a - b) * (c - d) / (e + {k})": lambda a, b, c, d, e, f, k: (
        (a - b) * (c - d) / (e + k)
    ),
    "100 * (a - b - c - d) / (a + {k})": lambda a, b, c, d, e, f, k: (
        100 * (a - b - c - d) / (a + k)
    ),
    "a ** 2 + b ** 2 - {k} * c * d": lambda a, b, c, d, e, f, k: (
        a**2 + b**2 - k * c * d
    ),
    "-a + b * c / d - e + f / {k}": lambda a, b, c, d, e, f, k: (
        -a + b * c / d - e + f / k
    ),
    "if_(a > b, c + d, e - f) * {k} / d": lambda a, b, c, d, e, f, k: (
        _choose(a, b, c + d, e - f) * k / d
    ),
    "(coalesce(a, 0) + coalesce(b, {k}) - c) / d * e": lambda a, b, c, d, e, f, k: (
        (_or_else(a, 0) + _or_else(b, k) - c) / d * e
    ),
    "(a - prev(a)) / prev(a) * 100 + b * {k}": lambda a, b, c, d, e, f, k: (
        (a - _before(a)) / _before(a) * 100 + b * k
    ),
    "min(a, b) / max(c, d) * 100 - abs(e - f) * {k}": lambda a, b, c, d, e, f, k: (
        np.fmin(a, b) / np.fmax(c, d) * 100 - np.abs(e - f) * k
    ),
}


@case()
def formula_vs_numpy(bench: Bench) -> Iterator[Figure]:
    """Seconds for a thousand formulas, each over its own 10 scopes × 36 months.

    Reading a formula happens once when it is saved, and is not timed.
    """
    from odoo.addons.kpi_tracking.engine.formula import (
        EvalContext,
        evaluate,
        parse,
    )

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
        by_hand.append((function, (*arrays.values(), constant)))
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
