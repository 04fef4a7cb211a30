"""Percentages of the allowed time at which people are reminded, as a text says them."""

from odoo.addons.kpi_base.engine.worktime import WorkTimeError

USUAL = (50, 75)
MOST = 10  # reminders before it is overdue


class ThresholdError(WorkTimeError):
    """Percentages that nobody can be reminded at; for the template's owner."""


def parse_thresholds(text: str) -> tuple[int, ...]:
    """The percentages of a text such as “50, 75, 90”, ascending.

    That of what is overdue, 100, is never among them: it is always announced.

    :raises ThresholdError: anything but whole numbers from 1 to 99, each once
    """
    parts = [part.strip(" %\u00a0\u202f") for part in (text or "").split(",")]
    if parts == [""]:
        return ()
    if not all(part.isascii() and part.isdigit() and len(part) < 3 for part in parts):
        raise ThresholdError(
            f"Reminders are whole percentages from 1 to 99 with commas between them, "
            f"such as 50, 75; got “{text}”."
        )
    numbers = sorted(int(part) for part in parts)
    if 0 in numbers or len(set(numbers)) < len(numbers) or len(numbers) > MOST:
        raise ThresholdError(
            f"Reminders are up to {MOST} percentages from 1 to 99, each once; "
            f"got “{text}”."
        )
    return tuple(numbers)
