"""The steps that a formula is read into."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """One step: a constant, a KPI's code, or an operation on earlier steps.

    ``start`` and ``end`` bound its text; ``value`` is a constant's number, a code's
    name, or the parameter of a function.
    """

    name: str
    operands: tuple[int, ...]
    start: int
    end: int
    value: float | int | str | None = None
