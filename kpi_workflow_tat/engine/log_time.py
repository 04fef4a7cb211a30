"""Moments as event logs write them."""

import datetime as dt
import re

from odoo.addons.kpi_base.engine.tabular import CellError, clip_cell

from .fault import _lt

_DOTTED = re.compile(
    r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})[ T](?P<rest>\d{1,2}:\d\d.*)"
)
_SLASHED = re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})[ T](?P<rest>\d.*)")
_FIRST, _LAST = 1970, 2200  # years
_LONGEST = 64  # characters


def read_log_time(text: str, tz: dt.tzinfo) -> dt.datetime:
    """The moment (naive UTC) that ``text`` says.

    ISO 8601, with or without a zone; a day with dots begins with its number in the
    month, one with slashes with its year. Others can be read in two ways.

    :param tz: of moments that do not say their zone
    :raises CellError: no moment, or one that no log is about
    """
    moment = _parse(text) if len(text) <= _LONGEST else None
    if moment is None or not _FIRST < moment.year < _LAST:
        raise CellError(
            _lt(
                "“%(cell)s” is not a date and time such as 2026-03-31 14:05:00 or "
                "2026-03-31T14:05:00+02:00."
            ),
            cell=clip_cell(text),
        )
    aware = moment if moment.tzinfo else moment.replace(tzinfo=tz)
    return aware.astimezone(dt.timezone.utc).replace(tzinfo=None)


def _parse(text: str) -> dt.datetime | None:
    text = text.strip()
    for pattern in (_DOTTED, _SLASHED):
        if found := pattern.fullmatch(text):
            day = f"{found['y']}-{int(found['m']):02}-{int(found['d']):02}"
            hour, colon, rest = found["rest"].partition(":")
            text = f"{day} {hour.zfill(2)}{colon}{rest}"
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None
