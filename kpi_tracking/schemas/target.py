"""Targets, each from a day on."""

from typing import ClassVar

from pydantic import Field

from odoo.addons.kpi_base.schemas import base


class TargetOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.target",
        "report date_from value baseline stretch range_low range_high note",
    )


class TargetChange(base.Body):
    value: base.Number | None = None
    stretch: base.Number | None = None
    range_low: base.Number | None = None
    range_high: base.Number | None = None
    note: base.Text | None = None
    reason: base.Text | None = Field(None, description="For who has to approve it")


class TargetIn(TargetChange):
    report_id: base.Id
    date_from: base.Day
