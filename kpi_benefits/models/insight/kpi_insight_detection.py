from odoo import models

from .finding import rank_findings
from .sentence import cite


class KpiInsightMixin(models.AbstractModel):
    """Where value leaks."""

    _inherit = "kpi.insight.mixin"

    def _find_findings(self):
        """``Finding`` of these records, those that cost most first."""
        benefits = self._find_insight_benefits()
        found = [*benefits._find_month_findings(), *benefits._find_rule_findings()]
        return rank_findings(found)

    def _describe_leaks(self):
        """Describe the findings: dicts of ``kind``, ``label``, ``first_month`` (a day),
        ``lost``, ``coming`` and ``sentences``."""
        labels = self._get_finding_labels()
        return [
            {
                "kind": one.kind,
                "label": labels[one.kind],
                "first_month": str(one.first),
                "lost": self._round(one.lost),
                "coming": self._round(one.coming),
                "sentences": [cite(one.evidence, *one.list_records())],
            }
            for one in self._find_findings()
        ]

    def _get_finding_labels(self):
        """Words of the kinds, as leakages that are filed have them."""
        kinds = self.env["kpi.value.leakage"]._fields["kind"]
        return dict(kinds._description_selection(self.env))
