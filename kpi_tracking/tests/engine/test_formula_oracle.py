"""Random formulas against plain Python, one cell at a time, None for missing."""

import math
import random
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from ...engine.formula import EvalContext, FormulaError, evaluate, parse

SCOPES, PERIODS = 3, 12
CODES = "abcd"
YEARS = [0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]
DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
ARITHMETIC = {
    "({} + {})": lambda left, right: left + right,
    "({} - {})": lambda left, right: left - right,
    "({} * {})": lambda left, right: left * right,
    "({} / {})": lambda left, right: left / right,
    "({} // {})": lambda left, right: left // right,
    "({}% {})": lambda left, right: left % right,
    "({} ** 2)": lambda base: base**2,
    "({} ** 3)": lambda base: base**3,
    "({} ** 0)": lambda base: base**0,
    "({} ** 0.5)": lambda base: base**0.5,
    "({} ** -2)": lambda base: base**-2,
    "(-{})": lambda value: -value,
    "abs({})": lambda value: abs(value),
}
COMPARISONS = {
    "({} < {})": lambda left, right: left < right,
    "({} <= {})": lambda left, right: left <= right,
    "({} > {})": lambda left, right: left > right,
    "({} >= {})": lambda left, right: left >= right,
    "({} == {})": lambda left, right: left == right,
    "({} != {})": lambda left, right: left != right,
}
OF_KNOWN = {
    "coalesce": lambda known: known[0],
    "min": min,
    "max": max,
    "sum": sum,
    "avg": lambda known: sum(known) / len(known),
}


def strict(template, compute):
    """A part without value where an operand has none, or the result is no number."""

    def value(facts, period, *operands):
        values = [operand(facts, period) for operand in operands]
        if None in values:
            return None
        try:
            result = compute(*values)
        except (ZeroDivisionError, OverflowError):
            return None
        is_number = not isinstance(result, complex) and math.isfinite(result)
        return result if is_number else None

    return template, value


def part(template, value, *operands):
    """(text, function of facts and period) of a part with its operands."""
    texts = [text for text, _ in operands]
    functions = [function for _, function in operands]
    return (
        template.format(*texts),
        lambda facts, period: value(facts, period, *functions),
    )


def number(rng, depth):
    """A random formula: its text, and a function (facts, period) → value or None."""
    if depth == 0:
        return leaf(rng)
    return rng.choice([arithmetic, arithmetic, choice, of_known, over_time, other])(
        rng, depth - 1
    )


def leaf(rng):
    code, constant = rng.choice(CODES), rng.choice([0.5, 2.0, 3.0, 100.0])
    return rng.choice(
        [
            (code, lambda facts, period: facts[code][period]),
            (code, lambda facts, period: facts[code][period]),
            (f"target({code})", lambda facts, period: facts["target"][code][period]),
            ("days_in_period()", lambda facts, period: float(DAYS[period])),
            (str(constant), lambda facts, period: constant),
        ]
    )


def arithmetic(rng, depth):
    template, compute = rng.choice(list(ARITHMETIC.items()))
    operands = [number(rng, depth) for _ in range(template.count("{}"))]
    return part(*strict(template, compute), *operands)


def choice(rng, depth):
    def value(facts, period, condition, then, otherwise):
        truth = condition(facts, period)
        if truth is None:
            return None
        return then(facts, period) if truth else otherwise(facts, period)

    template = rng.choice(["if_({0}, {1}, {2})", "({1} if {0} else {2})"])
    branches = number(rng, depth), number(rng, depth)
    return part(template, value, logical(rng, depth), *branches)


def of_known(rng, depth):
    name, compute = rng.choice(list(OF_KNOWN.items()))

    def value(facts, period, *operands):
        values = [operand(facts, period) for operand in operands]
        known = [value for value in values if value is not None]
        return compute(known) if known else None

    operands = [number(rng, depth) for _ in range(rng.randint(2, 4))]
    template = f"{name}({', '.join('{}' for _ in operands)})"
    return part(template, value, *operands)


def over_time(rng, depth):
    count = rng.randint(1, 14)
    code = rng.choice(CODES)
    inner = part(
        *strict("({} + {})", lambda left, right: left + right),
        (code, lambda facts, period: facts[code][period]),  # never a plain number
        number(rng, depth),
    )

    def prev(facts, period, operand):
        return operand(facts, period - count) if period >= count else None

    def known(facts, periods, operand):
        values = [operand(facts, period) for period in periods]
        return [value for value in values if value is not None]

    def rolling(facts, period, operand):
        found = known(facts, range(max(0, period - count + 1), period + 1), operand)
        return math.fsum(found) / len(found) if found else None

    def ytd(facts, period, operand):
        year = [p for p in range(period + 1) if YEARS[p] == YEARS[period]]
        found = known(facts, year, operand)
        return math.fsum(found) if found else None

    template, value = rng.choice(
        [
            (f"prev({{}}, {count})", prev),
            (f"rolling({{}}, {count})", rolling),
            ("ytd({})", ytd),
        ]
    )
    return part(template, value, inner)


def other(rng, depth):
    digits = rng.randint(-2, 4)

    def rounded(value):
        step = Decimal(1).scaleb(-digits)
        return float(Decimal(repr(value)).quantize(step, ROUND_HALF_UP))

    if rng.random() < 0.5:
        return part(*strict("({} + 0)", float), logical(rng, depth))
    return part(*strict(f"round({{}}, {digits})", rounded), number(rng, depth))


def logical(rng, depth):
    """As ``number``, with values True, False and None."""
    if depth == 0 or rng.random() < 0.5:
        template, compute = rng.choice(list(COMPARISONS.items()))
        operands = number(rng, max(depth - 1, 0)), number(rng, max(depth - 1, 0))
        return part(*strict(template, compute), *operands)
    if rng.random() < 0.3:
        denied = strict("(not {})", lambda truth: not truth)
        return part(*denied, logical(rng, depth - 1))
    deciding = rng.random() < 0.5

    def value(facts, period, *operands):
        values = [operand(facts, period) for operand in operands]
        if deciding in values:
            return deciding
        return None if None in values else not deciding

    operands = logical(rng, depth - 1), logical(rng, depth - 1)
    return part("({} or {})" if deciding else "({} and {})", value, *operands)


def random_facts(rng):
    """Whole numbers, so that equal and zero happen; one in eight is missing."""
    return {
        code: [
            [
                None if rng.random() < 0.125 else float(rng.randint(-3, 9))
                for _ in range(PERIODS)
            ]
            for _ in range(SCOPES)
        ]
        for code in CODES
    }


def as_array(rows):
    return np.array([[np.nan if v is None else float(v) for v in row] for row in rows])


def readable_formulas(rng, count):
    """Random formulas that may be saved, with their functions in Python."""
    while count:
        text, function = number(rng, rng.randint(1, 3))
        if len(text) > 1000:
            continue
        try:
            formula = parse(text)
        except FormulaError as error:
            # constants that met by chance, as in 2.0 / (3.0 - 3.0)
            expected = ("zero", "undefined", "parts")
            assert any(word in str(error) for word in expected), text
            continue
        count -= 1
        yield formula, function


@pytest.mark.parametrize("seed", range(20))
def test_random_formulas_agree_with_plain_python(seed):
    rng = random.Random(seed)
    jobs, expected = [], []
    for formula, function in readable_formulas(rng, 40):
        facts, targets = random_facts(rng), random_facts(rng)
        where = EvalContext(
            SCOPES,
            np.array(DAYS),
            np.array(YEARS),
            targets={code: as_array(rows) for code, rows in targets.items()},
        )
        jobs.append((formula, {c: as_array(r) for c, r in facts.items()}, where))
        rows = []
        for scope in range(SCOPES):
            known = {code: facts[code][scope] for code in CODES}
            known["target"] = {code: targets[code][scope] for code in CODES}
            rows.append([function(known, period) for period in range(PERIODS)])
        expected.append(as_array(rows))
    for job, values in zip(jobs, expected, strict=True):
        text, result = job[0].text, evaluate(*job)
        np.testing.assert_allclose(result.values, values, rtol=1e-9, err_msg=text)
        np.testing.assert_array_equal(
            result.reasons.codes > 0, np.isnan(values), err_msg=text
        )
