from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date


class KpiInsightMixin(models.AbstractModel):
    """What the months of benefits say: of one, or of all of an initiative."""

    _name = "kpi.insight.mixin"
    _description = "Insights of Benefits"

    @api.readonly
    def get_insights(self):
        """Return what can be said, as sentences and numbers, for the screen.

        :return: dict of ``currency_id``, ``totals`` and ``months`` (as of dashboards),
            ``forecast``, ``variance``, ``gates``, ``leaks`` and ``benchmark``; see
            ``_forecast``, ``_explain_variance``, ``_list_gates``, ``_describe_leaks``
            and ``_benchmark``
        :raises UserError: not one existing record
        """
        self._check_one_readable()
        forecast = self._forecast()
        benefits = self._find_insight_benefits()
        months = benefits._list_profile(forecast["coming"])
        return {
            "currency_id": self.currency_id.id,
            "totals": benefits._measure_totals(months),
            "months": months,
            "forecast": forecast,
            "variance": self._explain_variance(),
            "gates": self._list_gates(),
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

    def _list_gates(self):
        """Gates on the way, as of dashboards; single benefits have none."""
        return []

    def _benchmark(self):
        """Describe where it stands among others; single benefits are not ranked."""
        return []

    def _format_money(self, amount):
        return format_amount(self.env, float(amount), self.currency_id)

    def _format_month(self, day):
        return format_date(self.env, day, date_format="MMM y")
