from odoo import models

from .finding import Finding, rank_findings
from .kpi_benefit_detection import OPEN

OVERRUN = 0.1  # of the planned cost; less is usual


class KpiInitiative(models.Model):
    """Insights of an initiative: of all its benefits that the reader sees."""

    _name = "kpi.initiative"
    _inherit = ["kpi.initiative", "kpi.insight.mixin"]

    def _find_insight_benefits(self):
        benefits = self.env["kpi.benefit.realization"]
        return benefits.union(*self._group_benefits().values())

    def _find_findings(self):
        tree = self.union(*self._group_tree().values())
        found = [*super()._find_findings(), *tree._find_cost_findings()]
        return rank_findings(found)

    def _find_own_findings(self):
        """Find those of these initiatives alone, without what is below them."""
        benefits = self.env["kpi.benefit.realization"].with_context(active_test=True)
        own = benefits.search([("initiative_id", "in", self.ids)])
        return rank_findings([*own._find_findings(), *self._find_cost_findings()])

    def _find_cost_findings(self):
        """Initiatives that cost, or will cost, clearly more than planned."""
        month = self.env["kpi.benefit.realization"]._get_this_month()
        return [
            Finding(
                "cost_overrun",
                one,
                month,
                one.currency_id.round(spent),
                one.currency_id.round(coming),
                one._explain_overrun(spent, coming),
            )
            for one in self.filtered(lambda one: one.status in OPEN)
            for spent, coming in one._measure_overrun()
        ]

    def _measure_overrun(self):
        """(spent, to come) beyond the plan; nothing where it is little."""
        planned = self.planned_cost
        if not planned or planned <= 0:
            return []
        spent = max((self.actual_cost or 0.0) - planned, 0.0)
        expected = max((self.forecast_cost or 0.0) - planned, spent)
        if expected < OVERRUN * planned:
            return []
        return [(spent, expected - spent)]

    def _explain_overrun(self, spent, coming):
        known = {
            "initiative": self.display_name,
            "total": self._format_money(self.planned_cost + spent + coming),
            "planned": self._format_money(self.planned_cost),
            "share": self._format_share((spent + coming) / self.planned_cost),
        }
        if not coming:
            return self.env._(
                "%(initiative)s has cost %(total)s, %(share)s more than the planned"
                " %(planned)s.",
                **known,
            )
        forecast = self.env._(
            "%(initiative)s is forecast to cost %(total)s, %(share)s more than the"
            " planned %(planned)s.",
            **known,
        )
        if not spent:
            return forecast
        already = self.env._(
            "So far it has cost %s more than planned.", self._format_money(spent)
        )
        return f"{forecast} {already}"
