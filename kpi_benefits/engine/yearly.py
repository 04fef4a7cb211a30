"""Amounts of days as amounts of calendar years."""

from collections.abc import Sequence
from datetime import date

Dated = tuple[date | None, float]


def find_years(dated: Sequence[Dated]) -> tuple[int | None, int]:
    """The first calendar year of all days, and how many there are.

    :return: ``(None, 1)`` where nothing has a day
    """
    years = [day.year for day, _amount in dated if day]
    if not years:
        return None, 1
    return min(years), max(years) - min(years) + 1


def add_up_years(dated: Sequence[Dated], first: int | None, count: int) -> list[float]:
    """Amount of each year from the first one; what has no day is in the first."""
    amounts = [0.0] * count
    for day, amount in dated:
        amounts[day.year - first if day else 0] += amount
    return amounts
