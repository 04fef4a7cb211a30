"""Parts that make a total: nothing is counted twice, nothing is left out."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np


def find_children(paths: Mapping[Any, str]) -> dict[Any, list]:
    """Which departments lie in which, of those that are shown.

    :param paths: key → ``parent_path`` of a department; empty = not nested
    :return: key → keys of those right below it, none in between being shown
    """
    key_of = {path: key for key, path in paths.items() if path}
    within = defaultdict(list)
    for path, key in key_of.items():
        above = path
        while above := above[: above.rfind("/", 0, -1) + 1]:
            if above in key_of:
                within[key_of[above]].append(key)
                break
    return within


def get_remainder(value: float | None, parts: Sequence[float | None]) -> float | None:
    """What is left of a value beside its parts; None where that is nothing."""
    if value is None:
        return None
    known = [part for part in parts if part is not None]
    rest = value - sum(known)
    is_some = abs(rest) > 1e-9 * max(1.0, abs(value), *map(abs, known))
    return rest if is_some or not known else None


def limit_rows(
    rows: list[dict], most: int, make_other: Callable[[float], dict]
) -> list[dict]:
    """The first rows, the others in a last one.

    :param rows: with their ``value``, the largest first
    :param make_other: makes the row of what is left from its value
    """
    if len(rows) <= most:
        return rows
    first, rest = rows[: most - 1], rows[most - 1 :]
    return [*first, make_other(sum(row["value"] for row in rest))]


def combine_parts(
    parts: Sequence[tuple[float, float | None]], how: str | None
) -> float | None:
    """Value of several parts as one; None where they make none.

    :param parts: value and weight of each; at least one
    :param how: ``sum``, ``mean`` of the values by their weights, or None
    """
    values, weights = zip(*parts, strict=True)
    if len(values) == 1:
        return values[0]
    if how == "sum":
        return sum(values)
    if how != "mean" or not all(weight and weight > 0 for weight in weights):
        return None
    whole = sum(weights)
    return sum(value * (weight / whole) for value, weight in parts)


def get_part_value(
    parts: Mapping[tuple[Any, str], float],
    key: Any,
    total: float,
    unnamed: Collection,
    *,
    adds_up: bool,
) -> float:
    """Value of one part; NaN = unknown.

    Nothing of it is 0 where parts add up and all of them are known by name.

    :param parts: (key, name) → value
    :param total: what the parts make; NaN = no value
    :param unnamed: keys that stand for more than one part
    """
    for (known, _name), value in parts.items():
        if known == key:
            return value
    keys = {known for known, _name in parts}
    is_complete = total == total and adds_up and keys.isdisjoint(unnamed)
    return 0.0 if is_complete else np.nan
