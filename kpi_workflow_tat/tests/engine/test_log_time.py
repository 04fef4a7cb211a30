"""Moments of event logs."""

from datetime import timezone
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.kpi_base.engine.tabular import CellError

from ...engine.event_log import read_log_time

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31T14:05:00+02:00", "2026-03-31 12:05:00"),
        ("2026-03-31T14:05:00Z", "2026-03-31 14:05:00"),
        ("2010-12-30 14:32:00+01:00", "2010-12-30 13:32:00"),
        ("2026-03-31 14:05:06", "2026-03-31 12:05:06"),  # by the given zone
        ("2026-01-31 14:05", "2026-01-31 13:05:00"),
        ("2026-03-31T14:05:00.250+00:00", "2026-03-31 14:05:00.250000"),
        ("31.3.2026 9:05", "2026-03-31 07:05:00"),
        ("31.12.2026 9:05:06", "2026-12-31 08:05:06"),
        ("2026/03/31 14:05:00", "2026-03-31 12:05:00"),
        ("2026-03-31", "2026-03-30 22:00:00"),
    ],
)
def test_moments_are_read(text, moment):
    assert str(read_log_time(text, BRUSSELS)) == moment


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "03/04/2026 10:00", "2026-13-01 10:00", "0001-01-01", "9" * 500],
)
def test_what_is_no_moment_or_could_be_two_is_refused(text):
    with pytest.raises(CellError, match="is not a date and time"):
        read_log_time(text, timezone.utc)
