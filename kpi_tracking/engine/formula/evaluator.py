"""Evaluation of formulas over arrays of scopes and periods."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .context import Arrays, EvalContext, check_shape
from .formula import Formula
from .program import Program
from .reasons import Reasons, find_reasons


@dataclass(frozen=True, eq=False)
class Result:
    """Result of a formula: values, and why some are missing.

    :param values: shape (scopes, periods), float64; NaN = none
    """

    values: np.ndarray
    formula: Formula
    inputs: Arrays
    context: EvalContext

    @cached_property
    def reasons(self) -> Reasons:
        """Reasons for missing values; found when first asked for, from the inputs.

        The inputs must not have been changed in between.
        """
        return find_reasons(self.formula, self.inputs, self.context)


def evaluate(formula: Formula, inputs: Arrays, context: EvalContext) -> Result:
    """Evaluate a formula over inputs that are finite or NaN, as facts are.

    :param inputs: for each of ``formula.codes`` an array of shape (scopes, periods),
        NaN for missing data; never changed
    :raises ValueError: an input is lacking or has another shape
    """
    program = formula.program
    frame: list = [context]
    for code in program.codes:
        if code not in inputs:
            raise ValueError(f"The values of {code} are lacking.")
        frame.append(check_shape(inputs[code], code, context.shape))
    frame += program.constants
    hits: list[str] = []  # divisions by zero, overflows and the like
    with np.errstate(
        divide="call",
        over="call",
        invalid="call",
        under="ignore",
        call=lambda error, flag: hits.append(error),
    ):
        values = _run(program, frame, hits)
    if not program.is_fresh:
        values = np.array(np.broadcast_to(values, context.shape))
    return Result(values, formula, inputs, context)


def _run(program: Program, frame: list, hits: list[str]) -> np.ndarray:
    """Run the steps; where one divided by zero or overflowed, its result is NaN.

    numpy reports such an operation through ``hits``; only then is its result
    searched.
    """
    push = frame.append
    for apply, left, right in program.steps:
        if left is None:
            value = apply(*[frame[register] for register in right])
        else:
            value = apply(frame[left], frame[right])
        if hits:
            hits.clear()
            if value.__class__ is not tuple:
                value[np.isinf(value)] = np.nan
        push(value)
    return frame[program.result]
