"""Conditions of rules in plain Python, a rule and a KPI at a time.

``numbers`` are lists by name, the running period first; NaN = not known.
"""

import math

from ...engine.judging import BETWEEN, BREACH, CLEAR, UNKNOWN


def plain_verdict(rule, numbers, look, direction):
    """Newest known column, its grade, breaches in a row, and whether it fires."""
    grades = [plain_grade(rule, numbers, at, direction) for at in range(look)]
    known = [at for at, each in enumerate(grades) if each != UNKNOWN]
    if not known:
        return -1, UNKNOWN, 0, False
    newest, run = known[0], 0
    while newest + run < look and grades[newest + run] == BREACH:
        run += 1
    fires = newest <= rule["recent"] and run >= rule["periods"]
    return newest, grades[newest], run, fires


def plain_grade(rule, numbers, at, direction):
    if at == 0 and not rule["has_running"]:
        return UNKNOWN
    number = plain_number(rule["compared"], numbers, at, direction)
    weight = numbers["weight"][at]
    if number is None or (weight == weight and weight < rule["least_weight"]):
        return UNKNOWN
    low, high = rule["threshold"], rule["threshold_high"]
    clear = low if math.isnan(rule["clear"]) else rule["clear"]
    clear_high = high if math.isnan(rule["clear_high"]) else rule["clear_high"]
    if rule["condition"] == "below":
        is_breach, is_clear = less(number, low), not less(number, clear)
    elif rule["condition"] == "above":
        is_breach, is_clear = less(low, number), not less(clear, number)
    else:
        is_breach = less(number, low) or less(high, number)
        is_clear = not less(number, clear) and not less(clear_high, number)
    return BREACH if is_breach else CLEAR if is_clear else BETWEEN


def less(a, b):
    return a < b and not math.isclose(a, b, rel_tol=1e-9)


def plain_number(compared, numbers, at, direction):
    value = numbers["value"][at]
    if math.isnan(value):
        return None
    if compared == "value":
        return value
    capped = min(value, 1e150)
    if compared == "target":
        target = numbers["target"][at]
        return capped / min(target, 1e150) if target > 0 else None
    if compared == "achievement":
        return plain_achievement(numbers, at, direction)
    if compared == "previous":
        values = numbers["value"]
        base = values[at + 1] if at + 1 < len(values) else math.nan
    else:
        base = numbers[compared][at]
    if math.isnan(base) or base == 0:
        return None
    base = min(base, 1e150)
    return (capped - base) / abs(base) * 100


def plain_achievement(numbers, at, direction):
    """By the tables in ``engine.status``."""
    value, target = (min(numbers[name][at], 1e150) for name in ("value", "target"))
    if math.isnan(numbers["target"][at]):
        return None
    base = min(numbers["baseline"][at], 1e150)
    if direction == "higher":
        if base < target:
            percent = 100 * (value - base) / (target - base)
        elif target:
            percent = 100 * value / target
            percent = percent if target > 0 else 200 - percent
        else:
            percent = 100.0 if value >= 0 else 0.0
    elif base > target:
        percent = 100 * (base - value) / (base - target)
    elif target > 0:
        percent = 100 * target / value if value > 0 else 999.0
    elif target < 0:
        percent = 100 * value / target
    else:
        percent = 100.0 if value <= 0 else 0.0
    return max(-999.0, min(999.0, percent))
