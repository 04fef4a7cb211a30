"""Targets, each from a day on."""

from datetime import date

from pydantic import Field

from odoo.addons.kpi_base.schemas import base


class TargetOut(base.Row):
    report: base.Reference
    date_from: date
    value: float | None
    baseline: float | None
    stretch: float | None
    range_low: float | None
    range_high: float | None
    note: str | None


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
