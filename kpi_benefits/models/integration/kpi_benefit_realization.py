from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import date_utils, format_date

from odoo.addons.kpi_base.fields import or_none


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

    def _set_assumptions(self, rows):
        """Make the assumptions those of a list; what it does not name is removed.

        :param rows: dicts of fields, with ``id`` where it is one that is there;
            ``status`` and ``note`` are the result of a check, unless they are stored so
        :raises UserError: one is of another benefit, or has no text
        """
        self.ensure_one()
        known = {one.id: one for one in self.assumption_ids}
        named = [values.pop("id", None) or 0 for values in rows]
        if set(named) - {0, *known}:
            raise UserError(self.env._("%s has no such assumption.", self.display_name))
        (self.assumption_ids - self.assumption_ids.browse(named)).unlink()
        for assumption_id, values in zip(named, rows, strict=True):
            if not (assumption_id or values.get("name")):
                raise UserError(self.env._("An assumption needs a text."))
            assumption = known.get(assumption_id) or self.assumption_ids.create(
                {"benefit_id": self.id, "name": values["name"]}
            )
            assumption._change_by_program(values)

    def _sum_up(self):
        """Count and sums of these benefits; their rate is the ratio of sums."""
        planned, rate = self.period_ids._measure_to_date()
        return {
            "count": len(self),
            "expected_value": sum(self.mapped("expected_value")),
            "realized_value": sum(self.mapped("realized_value")),
            "planned_to_date": planned,
            "realization_rate": or_none(rate),
        }
