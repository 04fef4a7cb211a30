"""Evaluation of formulas over arrays of scopes and periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .formula import Formula
from .functions import OPERATIONS, as_number
from .reasons import Reasons, find_reasons

FLOAT = np.dtype(np.float64)
Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class EvalContext:
    """Input of formulas beside the facts; periods oldest first, without gaps.

    ``year_index`` says which fiscal year each period belongs to and never falls.
    Targets and baselines have the shape
    (scopes, periods), NaN where there is none; a code without an array has none.
    """

    scopes: int
    days_in_period: np.ndarray
    year_index: np.ndarray
    targets: Arrays = field(default_factory=dict)
    baselines: Arrays = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.days_in_period) != len(self.year_index):
            raise ValueError("days_in_period and year_index must have equal lengths")
        if np.any(np.diff(self.year_index) < 0):
            raise ValueError("year_index must not fall: periods are oldest first")

    @cached_property
    def shape(self) -> tuple[int, int]:
        """Shape of every input: (scopes, periods)."""
        return self.scopes, len(self.days_in_period)

    @cached_property
    def days(self) -> np.ndarray:
        """Days in period for every scope, read-only."""
        return np.broadcast_to(np.asarray(self.days_in_period, FLOAT), self.shape)

    @cached_property
    def years(self) -> tuple[tuple[int, int], ...]:
        """Half-open ranges of periods, one for each fiscal year."""
        starts = [0, *(np.flatnonzero(np.diff(self.year_index)) + 1).tolist()]
        return tuple(zip(starts, [*starts[1:], len(self.year_index)], strict=True))

    def array_of(self, arrays: Arrays, code: str) -> np.ndarray:
        """Targets or baselines of a KPI; all NaN where it has none.

        :raises ValueError: they have another shape
        """
        if code not in arrays:
            return np.full(self.shape, np.nan)
        return check_shape(arrays[code], code, self.shape)


def check_shape(values: np.ndarray, code: str, shape: tuple[int, int]) -> np.ndarray:
    """``values`` of a KPI as float64.

    :raises ValueError: they have another shape
    """
    array = np.asarray(values, FLOAT)
    if array.shape != shape:
        raise ValueError(
            f"The values of {code} have the shape {array.shape}, not {shape}."
        )
    return array


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
        steps = _compute_steps(self.formula, self.inputs, self.context)
        return find_reasons(self.formula, steps, self.context.shape)


def evaluate(formula: Formula, inputs: Arrays, context: EvalContext) -> Result:
    """Evaluate a formula over inputs that are finite or NaN, as facts are.

    :param inputs: for each of ``formula.codes`` an array of shape (scopes, periods),
        NaN for missing data; never changed
    :raises ValueError: an input is lacking or has another shape
    """
    values = _compute_steps(formula, inputs, context)[-1]
    values = np.array(np.broadcast_to(values, context.shape))
    return Result(values, formula, inputs, context)


def explain(
    formula: Formula, inputs: Arrays, context: EvalContext, *, period: int = -1
) -> list[tuple[str, float | None]]:
    """Compute the value of each part of a formula for the first scope in a period.

    :param inputs: as for :func:`evaluate`
    :param period: index of the period, the last by default
    :return: (text of the part, its value or None), inner parts first, the formula last;
        true is 1, false 0; a part that occurs twice is listed once
    """
    steps = _compute_steps(formula, inputs, context)
    parts = {}
    for node, value in zip(formula.nodes, steps, strict=True):
        if node.name not in ("constant", "as_number", "as_logical"):
            number = as_number(value) if isinstance(value, tuple) else value
            cell = float(number[0, period])
            parts[formula.text_of(node)] = None if np.isnan(cell) else cell
    if not parts:
        node = formula.nodes[-1]
        parts[formula.text_of(node)] = node.value
    return list(parts.items())


def _compute_steps(formula: Formula, inputs: Arrays, context: EvalContext) -> list:
    """Value of each step: an array, a number, or a pair of arrays if it is logical.

    Where one divided by zero or overflowed, its result is NaN. numpy reports such an
    operation through ``hits``; only then is its result searched.
    """
    steps: list = []
    hits: list[str] = []
    with np.errstate(
        divide="call",
        over="call",
        invalid="call",
        under="ignore",
        call=lambda error, flag: hits.append(error),
    ):
        for node in formula.nodes:
            if node.name == "constant":
                value = np.float64(node.value)
            elif node.name == "code":
                if node.value not in inputs:
                    raise ValueError(f"The values of {node.value} are lacking.")
                value = check_shape(inputs[node.value], node.value, context.shape)
            else:
                operation = OPERATIONS[node.name]
                arguments = [steps[index] for index in node.operands]
                if operation.needs_context:
                    arguments.insert(0, context)
                if node.value is not None:
                    arguments.append(node.value)
                value = operation.apply(*arguments)
            if hits:
                hits.clear()
                if not isinstance(value, tuple):
                    value = np.where(np.isinf(value), np.nan, value)
            steps.append(value)
    return steps
