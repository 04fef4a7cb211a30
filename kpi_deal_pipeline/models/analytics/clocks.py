"""Rows of the database as arrays, moments as days of a company's clocks.

A day with 23 or 25 hours is one.
"""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np

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


def read_columns(rows: list[tuple], kinds: tuple[type, ...]) -> list[np.ndarray]:
    """Arrays of the columns of ``rows``; empty values are NaN."""
    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return [
        np.array(column, dtype=kind)
        for column, kind in zip(columns, kinds, strict=True)
    ]
