from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin

from .benefit_access_case import BenefitAccessCase
from .benefit_access_oracle import DIALOGS, ORACLE

NEW_VALUES = {
    "kpi.baseline": {"target_value": 7},
    "kpi.baseline.share": {"share": 50},
    "kpi.baseline.measurement": {"value": 7},
    "kpi.benefit.realization": {"name": "New"},
    "kpi.benefit.period": {"realized": 7},
    "kpi.benefit.assumption": {"name": "New"},
    "kpi.benefit.confidence": {"reason": "New"},
    "kpi.benefit.link": {"note": "New"},
    "kpi.benefit.node": {"name": "New"},
    "kpi.value.leakage": {"name": "New"},
    "kpi.initiative": {"name": "New"},
    "kpi.initiative.gate": {"name": "New"},
    "kpi.initiative.cost": {"planned": 7},
    "kpi.initiative.month": {"planned": 7},
    "kpi.discount.rate": {"source": "New"},
    "kpi.reference.class": {"source": "New"},
    "kpi.post.implementation.review": {"title": "New"},
    "kpi.lesson": {"lesson": "New"},
    "kpi.lesson.tag": {"name": "New"},
    "kpi.review.recommendation": {"description": "New"},
    "kpi.review.figure": {"value": 7},
    "kpi.review.feedback": {"rating": 1},
    "kpi.review.feedback.link": {"name": "New"},
}


@tagged("post_install", "-at_install")
class TestKpiBenefitAccessMatrix(AccessMatrixMixin, BenefitAccessCase):
    """Who may do what with initiatives and what belongs to them."""

    addon = "kpi_benefits"
    oracle = ORACLE
    dialogs = DIALOGS
    new_values = NEW_VALUES

    def _values_like(self, model, record):
        values = super()._values_like(model, record)
        if model == "kpi.benefit.link":  # each pair is linked once
            key = "b" if record.company_id == self.b else "a"
            values["target_node_id"] = self.other_objectives[key].id
        return values

    def _values_of_another(self):
        return {
            "kpi.baseline": {"name": "Another"},
            "kpi.baseline.share": {"date_from": "2026-02-01"},
            "kpi.initiative.gate": {"name": "Another"},
            "kpi.initiative.cost": {"period_start": "2026-02-01"},
            "kpi.initiative.month": {"period_start": "2026-02-01"},
            "kpi.discount.rate": {"first_year": 7},
            "kpi.reference.class": {"measure": "time_overrun"},
            "kpi.lesson.tag": {"name": "Another"},
        }

    def test_who_sees_initiative_and_kpi_may_not_change_what_is_measured(self):
        """Lea sponsors Sam's initiative; here she sees its KPI as well."""
        baseline = self.records["kpi.baseline"]["sam"]
        baseline.report_id.shared_user_ids = self.users["leader"]
        own = self.as_user("leader", "kpi.baseline").browse(baseline.id)
        self.assertTrue(own.has_access("read"))
        self.assertFalse(own.has_access("write"))
        self.assertFalse(own.has_access("unlink"))
