"""Confidence in benefits: how it fades, and what remains to be expected by it."""

FRESH_DAYS = 90  # a score is looked at again each quarter
HALF_LIFE_DAYS = 180
BASE_RATE = 0.5  # where too few benefits came to an end to know one
ENOUGH_CASES = 10  # below, a share of successes says next to nothing


def is_stale(age_days: int) -> bool:
    """Whether a score is too old to be taken as it was given."""
    return age_days > FRESH_DAYS


def fade(probability: float, age_days: int, base_rate: float = BASE_RATE) -> float:
    """Probability that an old score still stands for.

    Once stale, what it says beyond the base rate loses half its weight every
    ``HALF_LIFE_DAYS``: p' = b + (p − b) · ½^((age − 90) / 180). That is the forgetting
    factor of Jøsang & Ismail 2002 (“The Beta Reputation System”, section 3.4), by which
    old evidence counts less, in continuous time.

    :param probability: as it was given, 0 to 1
    :param age_days: since then
    :param base_rate: of benefits that came to an end, which is known without any score
    """
    beyond = max(age_days - FRESH_DAYS, 0)
    return base_rate + (probability - base_rate) * 0.5 ** (beyond / HALF_LIFE_DAYS)


def find_base_rate(outcomes: list[bool]) -> float:
    """Share of benefits that came to an end as planned; ½ where there are too few."""
    if len(outcomes) < ENOUGH_CASES:
        return BASE_RATE
    return sum(outcomes) / len(outcomes)


def expect_remaining(planned: float, probability: float) -> float:
    """Value that is still to come, weighted by the confidence in it.

    What was realised is certain and is no part of it. A disbenefit counts in full: to
    doubt it makes it no smaller.

    :param planned: of the months that are not over and have no value yet
    """
    return planned if planned < 0 else probability * planned
