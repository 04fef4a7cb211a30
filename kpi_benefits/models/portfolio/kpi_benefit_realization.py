from odoo import fields, models

from odoo.addons.kpi_base.fields import or_none


class KpiBenefitRealization(models.Model):
    """Benefits on the dashboard of their initiative, one by one and by month."""

    _inherit = "kpi.benefit.realization"

    def _prepare_dashboard(self):
        names = dict(self._fields["status"]._description_selection(self.env))
        rate = self.realization_rate
        _planned, realized_to_date = self.period_ids._add_up_to_date()
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "status_name": names[self.status],
            "planned": self.expected_value,
            "planned_to_date": self.planned_to_date,
            "realized": self.realized_value,
            "realized_to_date": realized_to_date,
            "rate": or_none(rate),
            "reason": self.suggestion_reason,
            "confidence": or_none(self.confidence),
        }

    def _list_profile(self, coming):
        """Months of these benefits together, in order.

        :param coming: (low, middle, high) of the plan that is still to come, as of
            ``_forecast``; None without a forecast
        :return: dicts of ``start``, ``planned``, ``realized`` (None: nobody has said
            yet) and ``expected`` (``low``, ``value``, ``high``; None of what is over)
        """
        this_month = self._get_this_month()
        rows = self.env["kpi.benefit.period"]._read_group(
            [("benefit_id", "in", self.ids)],
            ["period_start:month"],
            ["planned:sum", "realized:sum", "realized:array_agg"],
            order="period_start:month",
        )
        return [
            {
                "start": fields.Date.to_string(month),
                "planned": planned,
                "realized": realized
                if any(amount is not None for amount in amounts)
                else None,
                "expected": _expect(planned, coming) if month >= this_month else None,
            }
            for month, planned, realized, amounts in rows
        ]

    def _measure_totals(self, months):
        """Totals of these benefits, with the status of their rate.

        :param months: as of ``_list_profile``
        """
        _planned, realized_to_date = self.period_ids._add_up_to_date()
        return self.env["kpi.benefit.portfolio"]._add_up(months, realized_to_date)


def _expect(planned, coming):
    """What will come of the plan of a month, with its limits; None if nobody knows."""
    if not coming:
        return None
    low, value, high = (share * planned for share in coming)
    return {"value": value, "low": min(low, high), "high": max(low, high)}
