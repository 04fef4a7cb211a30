from datetime import timedelta

from odoo import api, fields, models

DAY = timedelta(days=1)


class KpiLastDayMixin(models.AbstractModel):
    """Interval that is stored half-open; people read and enter its last day.

    The model has ``date_to``, the day after the last one. This mixin comes before those
    that log changes of it.
    """

    _name = "kpi.last.day.mixin"
    _description = "Interval with a Last Day"

    last_day = fields.Date(
        "To",
        compute="_compute_last_day",
        inverse="_inverse_last_day",
        search="_search_last_day",
        exportable=False,
    )

    @api.depends("date_to")
    def _compute_last_day(self):
        for record in self:
            record.last_day = record.date_to and record.date_to - DAY

    def _inverse_last_day(self):
        for record in self:
            record.date_to = record.last_day and record.last_day + DAY

    @api.model
    def _search_last_day(self, operator, value):
        if operator in ("in", "not in"):
            return [("date_to", operator, [_after(day) for day in value])]
        return [("date_to", operator, _after(value))]

    # An inverse writes apart from all else: a change would be logged twice, and a row
    # without ``date_to`` written first.

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_as_stored(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_as_stored(vals))


def _as_stored(vals):
    """Values with ``date_to`` in place of the last day."""
    if "last_day" not in vals:
        return vals
    stored = {name: value for name, value in vals.items() if name != "last_day"}
    return {"date_to": _after(vals["last_day"]), **stored}


def _after(day):
    """The day after a day, or after a text that holds one; nothing stays nothing."""
    return day and fields.Date.to_date(day) + DAY
