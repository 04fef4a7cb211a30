"""Moments as days of a company's clocks: one with 23 or 25 hours is a day."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo.tools import SQL

EPOCH = datetime(1970, 1, 1)


def clock_days(moment: datetime, tz: str) -> float:
    """Days since 1970 by the clocks of ``tz`` at ``moment``, which is in UTC."""
    local = moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(tz))
    return (local.replace(tzinfo=None) - EPOCH) / timedelta(days=1)


def clock_days_sql(moment: SQL, tz: str) -> SQL:
    """``clock_days`` of a column of moments."""
    return SQL(
        "(extract(epoch FROM (%s AT TIME ZONE 'UTC') AT TIME ZONE %s) / 86400)::float8",
        moment,
        tz,
    )
