"""Formulas: what each direct input did to the result."""

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np

from .exact import close_parts

MOST_INPUTS = 10  # 1,024 mixed states for each series


@dataclass(frozen=True)
class InputSplit:
    """Change of a formula by its inputs: ``parts`` add up to ``change``.

    :ivar parts: shape (series, inputs), in the unit of the result; NaN where the change
        is not split
    :ivar change: shape (series,); NaN where an end has no value
    :ivar is_split: shape (series,): whether the change could be split. It cannot where
        both ends have a value and a mixture of them has none, as a / (a − b) from
        (100, 40) to (40, 10), which passes 40 / 0
    """

    parts: np.ndarray
    change: np.ndarray
    is_split: np.ndarray


def split_formula(
    before: np.ndarray,
    after: np.ndarray,
    evaluate: Callable[[np.ndarray], np.ndarray],
) -> InputSplit:
    """Shapley value of every input of a formula, in one evaluation of all mixed states.

    An input's part is the mean change that it makes over all orders in which the inputs
    can go from before to after (Shapley 1953; Shorrocks 2013, J. Economic Inequality
    11, 99–126). Inputs that did not change have no part.

    :param before, after: shape (series, inputs), float64; NaN = no data
    :param evaluate: gives the results of states, shape (states, inputs), as an array of
        shape (states,), NaN where there is none; called once
    :raises ValueError: the shapes differ, or more than :data:`MOST_INPUTS` inputs
    """
    before, after = np.asarray(before, float), np.asarray(after, float)
    if before.shape != after.shape:
        raise ValueError(
            f"both sides need the same inputs, got {before.shape} and {after.shape}"
        )
    count = before.shape[1]
    if count > MOST_INPUTS:
        raise ValueError(f"at most {MOST_INPUTS} inputs can be split, got {count}")
    # every subset of the inputs: row k has the bits of k
    is_after = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
    states = np.where(is_after, after[:, None], before[:, None])
    states = states.reshape(len(before) * len(is_after), count)
    results = np.asarray(evaluate(states), float)
    results = results.reshape(len(before), len(is_after))
    results = np.where(np.isfinite(results), results, np.nan)
    with np.errstate(over="ignore"):
        change = results[:, -1] - results[:, 0]
    change = np.where(np.isfinite(change), change, np.nan)
    parts = _shapley(results, is_after)
    is_split = np.isfinite(change) & np.isfinite(parts).all(axis=1)
    parts = np.where(is_split[:, None], parts, np.nan)
    return InputSplit(close_parts(parts, change), change, is_split)


def _shapley(results: np.ndarray, is_after: np.ndarray) -> np.ndarray:
    """Weighted mean, over the subsets without an input, of what adding it changes."""
    states, count = is_after.shape
    sizes = is_after.sum(axis=1)
    weights = np.array(
        [
            factorial(size) * factorial(count - 1 - size) / factorial(count)
            for size in range(count)
        ]
    )
    parts = np.empty((len(results), count))
    for place in range(count):
        without = np.flatnonzero(~is_after[:, place])
        with np.errstate(over="ignore", invalid="ignore"):
            steps = results[:, without + (1 << place)] - results[:, without]
            parts[:, place] = (steps * weights[sizes[without]]).sum(axis=1)
    return parts
