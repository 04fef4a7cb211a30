from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import date_utils, format_date


class KpiBenefitRealization(models.Model):
    """What programs are told of a benefit beside its fields, and what they tell."""

    _name = "kpi.benefit.realization"
    _inherit = ["kpi.benefit.realization", "kpi.dated.mixin"]

    def _set_realized(self, months):
        """Say what was realised in months of this benefit.

        :param months: ``(any day of it, amount or None, note or None)``
        :raises UserError: the benefit has no such month
        """
        self.ensure_one()
        periods = {one.period_start: one for one in self.period_ids}
        for day, amount, note in months:
            month = date_utils.start_of(fields.Date.to_date(day), "month")
            if month not in periods:
                raise UserError(
                    self.env._(
                        "%(benefit)s has no month %(month)s.",
                        benefit=self.display_name,
                        month=format_date(self.env, month, date_format="MMM y"),
                    )
                )
            values = {"realized": False if amount is None else amount}
            if note is not None:
                values["note"] = note
            periods[month].write(values)

    def _sum_up(self):
        """Count and sums of these benefits; their rate is the ratio of sums."""
        planned, rate = self.period_ids._measure_to_date()
        return {
            "count": len(self),
            "expected_value": sum(self.mapped("expected_value")),
            "realized_value": sum(self.mapped("realized_value")),
            "planned_to_date": planned,
            "realization_rate": None if rate is False else rate,
        }
