"""Numbers that people like to read."""

import math

MOST_DIGITS = 15


def find_round_number(level: float, beyond: float) -> float:
    """The number with the fewest digits from ``level`` on, short of ``beyond``.

    :param level: finite, as is ``beyond``, which is another number
    """
    is_down = beyond < level
    for digits in range(1, MOST_DIGITS):
        size = max(abs(level), abs(level - beyond))
        step = 10.0 ** (math.floor(math.log10(size)) + 1 - digits)
        scaled = level / step
        # 0.87 is 87 steps, not 86.99999999
        whole = round(scaled)
        if abs(scaled - whole) > 1e-9 * max(1.0, abs(scaled)):
            whole = math.floor(scaled) if is_down else math.ceil(scaled)
        number = round(whole * step, max(0, -math.floor(math.log10(step))))
        if beyond < number <= level or level <= number < beyond:
            return number
    return level
