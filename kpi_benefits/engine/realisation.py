"""Realised benefits as a share of planned ones."""

DIGITS = 6  # of amounts; what is beyond them is noise of their sums


def count_realised(planned: float, realised: float | None) -> float:
    """Amount of a month that is over as ratios and gaps count it.

    What was reported; else nothing, and of a disbenefit its plan: saying nothing of it
    does not make anything better.

    :param realised: None = nobody has said
    """
    return min(planned, 0.0) if realised is None else realised


def measure_realisation(realised: float, planned: float) -> float | None:
    """Σ realised / Σ planned: a ratio of sums at every level, never a mean of ratios.

    Disbenefits are negative on both sides. To date or of the full life: by which
    months were added up.

    :param realised: sum in one currency
    :param planned: sum of the same months
    :return: 1 = as planned; None where the plan adds up to nothing
    """
    return realised / planned if round(planned, DIGITS) else None
