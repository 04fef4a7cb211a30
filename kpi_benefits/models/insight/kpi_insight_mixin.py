from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from .months import add_months


class KpiInsightMixin(models.AbstractModel):
    """What the months of benefits say: of one, or of all of an initiative."""

    _name = "kpi.insight.mixin"
    _description = "Insights of Benefits"

    @api.readonly
    def get_insights(self):
        """Return what can be said, as sentences and numbers, for the screen.

        :return: dict of ``currency_id``, ``forecast``, ``variance``, ``leaks`` and
            ``benchmark``; see ``_forecast``, ``_explain_variance``,
            ``_describe_leaks`` and ``_benchmark``
        :raises UserError: not one existing record
        """
        self._check_one_readable()
        return {
            "currency_id": self.currency_id.id,
            "forecast": self._forecast(),
            "variance": self._explain_variance(),
            "leaks": self._describe_leaks(),
            "benchmark": self._benchmark(),
        }

    def _check_one_readable(self):
        if len(self.exists()) != 1:
            raise UserError(self.env._("Choose one existing record."))
        self.check_access("read")

    def _find_insight_benefits(self):
        """Return the benefits that these records are about, as far as the user sees."""
        raise NotImplementedError(f"{self._name}._find_insight_benefits")

    def _benchmark(self):
        """Describe where it stands among others; single benefits are not ranked."""
        return []

    def _read_months(self):
        """``Months`` of all of its benefits together; None without any."""
        several = self._find_insight_benefits()._read_histories().values()
        return add_months(list(several)) if several else None

    def _format_money(self, amount):
        return format_amount(self.env, float(amount), self.currency_id)

    def _format_month(self, day):
        return format_date(self.env, day, date_format="MMM y")
