"""Hours in which somebody wants no messages, in their time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HORIZON_DAYS = 8  # somebody who is never to be disturbed is asked again after so many
DAY = timedelta(days=1)


@dataclass(frozen=True)
class QuietHours:
    """Hours of every day, and days of the week, without messages.

    :param tz: time zone of the hours
    :param hour_from, hour_to: local, 0 to 24; past midnight where the second is lower,
        none where they are equal
    :param weekdays: days that are quiet from midnight to midnight, 0 = Monday
    """

    tz: str
    hour_from: float = 0.0
    hour_to: float = 0.0
    weekdays: frozenset[int] = frozenset()


def quiet_until(hours: QuietHours, now: datetime) -> datetime | None:
    """End of the quiet time that holds now; None where it does not.

    Times that touch count as one: a night before a quiet Saturday ends on Sunday, or
    Monday. A local time that a change of clocks leaves out or repeats is the first of
    those that it could be.

    :param now: naive UTC
    :return: naive UTC, after ``now``, at most ``HORIZON_DAYS`` ahead
    """
    today = now.replace(tzinfo=UTC).astimezone(ZoneInfo(hours.tz)).date()
    spans = sorted(
        span
        for ahead in range(-1, HORIZON_DAYS)
        for span in _spans(hours, today + ahead * DAY)
    )
    end = None
    for start, stop in spans:
        if start <= (end or now) < stop:
            end = stop
    return end


def _spans(hours: QuietHours, day: date) -> list[tuple[datetime, datetime]]:
    spans = []
    if hours.hour_from != hours.hour_to:
        last = day if hours.hour_from < hours.hour_to else day + DAY
        start = _utc(day, hours.hour_from, hours.tz)
        spans.append((start, _utc(last, hours.hour_to, hours.tz)))
    if day.weekday() in hours.weekdays:
        spans.append((_utc(day, 0.0, hours.tz), _utc(day + DAY, 0.0, hours.tz)))
    return spans


def _utc(day: date, hour: float, tz: str) -> datetime:
    """Naive UTC of a local hour."""
    minutes = round(hour * 60)
    day += (minutes // (24 * 60)) * DAY
    at = time(*divmod(minutes % (24 * 60), 60))
    local = datetime.combine(day, at, ZoneInfo(tz))
    return local.astimezone(UTC).replace(tzinfo=None)
