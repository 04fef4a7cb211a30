from odoo import models
from odoo.fields import Domain

from .months import NAN, build_months, count_months

NOT_LIVE = ("proposed", "approved", "in_delivery")
MOST_ENDED = 300  # own benefits that forecasts look at, those that ended last


class KpiBenefitRealization(models.Model):
    """Months of benefits as forecasts and detection read them."""

    _inherit = "kpi.benefit.realization"

    def _read_histories(self):
        """Benefit → its ``Months``, by one search; without months it is left out."""
        this_month = self._get_this_month()
        periods = self.env["kpi.benefit.period"].search_fetch(
            [("benefit_id", "in", self.ids)],
            ["benefit_id", "period_start", "planned", "realized"],
            order="benefit_id, period_start",
        )
        return {
            benefit: build_months(
                [
                    (
                        one.period_start,
                        one.planned,
                        NAN if one.realized is False else one.realized,
                    )
                    for one in months
                ],
                this_month,
                benefit._count_late_months(months[0].period_start),
            )
            for benefit, months in periods.grouped("benefit_id").items()
        }

    def _count_late_months(self, first):
        """Months from ``first`` to the go-live; −1: it has not gone live yet.

        Where nothing is known of the go-live it was in time.
        """
        # When it went live says no more than the months: owners need not see the rest.
        initiative = self.initiative_id.sudo()
        if initiative.go_live_date:
            return max(count_months(first, initiative.go_live_date), 0)
        return -1 if initiative.status in NOT_LIVE else 0

    def _find_comparable(self):
        """Other benefits of these companies that are over and have values."""
        others = Domain("has_value", "=", True)
        others &= Domain("company_id", "in", self.company_id.ids)
        others &= Domain("id", "not in", self.ids)
        return self._find_ended(others, order="date_to DESC, id DESC", limit=MOST_ENDED)
