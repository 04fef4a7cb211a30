"""The periods, targets and baselines that formulas are evaluated over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

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
