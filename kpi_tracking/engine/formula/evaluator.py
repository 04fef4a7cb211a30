"""Evaluation of formulas over arrays of scopes and periods."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .context import FLOAT, Arrays, EvalContext, check_shape
from .formula import Formula
from .program import Program
from .reasons import Reasons, find_reasons


class Result:
    """Result of a formula: values, and why some are missing."""

    __slots__ = ("_context", "_formula", "_inputs", "_reasons", "values")

    def __init__(
        self,
        values: np.ndarray,
        formula: Formula,
        inputs: Arrays,
        context: EvalContext,
    ) -> None:
        """
        :param values: shape (scopes, periods without history), float64; NaN = none
        """
        self.values = values
        self._formula = formula
        self._inputs = inputs
        self._context = context
        self._reasons: Reasons | None = None

    @property
    def reasons(self) -> Reasons:
        """Reasons for missing values; found when first asked for, from the inputs.

        The inputs must not have been changed in between.
        """
        if self._reasons is None:
            self._reasons = find_reasons(self._formula, self._inputs, self._context)
        return self._reasons


def evaluate(formula: Formula, inputs: Arrays, context: EvalContext) -> Result:
    """Evaluate one formula, checking its inputs.

    :param inputs: for each of ``formula.codes`` an array of shape (scopes, periods),
        finite numbers or NaN for missing data; never changed
    :raises ValueError: an input is lacking, has another shape or an infinite number
    """
    hits: list[str] = []
    with _watching(hits):
        for code in formula.program.codes:
            _check_finite(_array(inputs, code, context), code, hits)
        for kind, codes, arrays in (
            ("target of ", formula.target_codes, context.targets),
            ("baseline of ", formula.baseline_codes, context.baselines),
        ):
            for code in codes:
                _check_finite(context.array_of(arrays, code), kind + code, hits)
        return _evaluate(formula, inputs, context, hits)


def evaluate_many(
    jobs: Iterable[tuple[Formula, Arrays, EvalContext]],
) -> list[Result]:
    """Evaluate many formulas whose inputs are known to be finite or NaN.

    Facts in the database are; anything else goes through :func:`evaluate`.

    :param jobs: formula, inputs (float64 of the context's shape, never changed) and
        context; a context may serve many formulas
    :raises ValueError: an input is lacking or has another shape
    """
    hits: list[str] = []
    with _watching(hits):
        return [
            _evaluate(formula, inputs, context, hits)
            for formula, inputs, context in jobs
        ]


def _watching(hits: list[str]) -> np.errstate:
    """Have numpy note divisions by zero, overflows and the like in ``hits``."""
    return np.errstate(
        divide="call",
        over="call",
        invalid="call",
        under="ignore",
        call=lambda error, flag: hits.append(error),
    )


def _evaluate(
    formula: Formula, inputs: Arrays, context: EvalContext, hits: list[str]
) -> Result:
    program = formula.program
    frame: list = [context]
    shape = context.shape
    for code in program.codes:
        array = inputs.get(code)
        if array is None or array.shape != shape or array.dtype is not FLOAT:
            array = _array(inputs, code, context)
        frame.append(array)
    frame += program.constants
    values = _run(program, frame, hits)
    if not program.is_fresh:
        values = np.array(np.broadcast_to(values, context.shape))
    if context.history:
        values = values[:, context.history :]
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


def _array(inputs: Arrays, code: str, context: EvalContext) -> np.ndarray:
    if code not in inputs:
        raise ValueError(f"The values of {code} are lacking.")
    return check_shape(inputs[code], code, context.shape)


def _check_finite(array: np.ndarray, name: str, hits: list[str]) -> None:
    """Refuse infinite numbers: infinite minus infinite is noted, NaN minus NaN not."""
    np.subtract(array, array)
    if hits:
        scope, period = np.argwhere(np.isinf(array))[0].tolist()
        raise ValueError(
            f"The {name} is infinite at scope {scope}, period {period}; values are "
            "finite, or NaN where there is none."
        )
