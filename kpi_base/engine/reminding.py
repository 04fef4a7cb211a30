"""On which days somebody is reminded of something that has to be done by a day."""

from datetime import date, timedelta

DAYS_BEFORE = 3
REPEATED_DAYS = 7  # once it is overdue
HOUR = 7  # local time of the person, from which on they are reminded


def is_reminder_due(due: date, today: date, reminded: date | None) -> bool:
    """Whether today is time for a reminder that has not been sent.

    Some days before, on the day, and each week after. One that was missed is made up
    for, once.

    :param reminded: day of the last reminder
    """
    first = due - timedelta(days=DAYS_BEFORE)
    if today < first:
        return False
    if today < due:
        latest = first
    else:
        weeks = (today - due).days // REPEATED_DAYS
        latest = due + timedelta(days=REPEATED_DAYS * weeks)
    return reminded is None or reminded < latest


def find_reminder_day(due: date, today: date) -> date | None:
    """Day for which a reminder of a date is due today: some days before, and on it.

    One that was missed is made up for, within a week.
    """
    first = due - timedelta(days=DAYS_BEFORE)
    if not first <= today < due + timedelta(days=REPEATED_DAYS):
        return None
    return first if today < due else due
