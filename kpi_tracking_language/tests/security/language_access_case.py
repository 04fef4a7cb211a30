from odoo.tests import TransactionCase

from odoo.addons.kpi_tracking.tests.security.access_case import KpiAccessMixin


class LanguageAccessCase(KpiAccessMixin, TransactionCase):
    """The people and KPIs of ``access_oracle.py``, and other names of the KPIs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        records = super()._make_records()
        synonyms = {
            key: cls.env["kpi.definition.synonym"].create(
                {"definition_id": definition.id, "text": f"Name {key}"}
            )
            for key, definition in cls.definition.items()
        }
        unread = {
            key: cls.env["kpi.question.unread"].create(
                {
                    "text": f"Question {key}",
                    "words": key,
                    "asked_on": "2026-03-18",
                    "company_id": company.id,
                }
            )
            for key, company in (("a", cls.a), ("b", cls.b))
        }
        advice = {
            key: cls.env["kpi.intelligent.optimization"].create(
                {
                    "report_id": report.id,
                    "optimization_type": "target_optimization",
                    "cutoff": "2026-02-01",
                    "period_start": "2026-03-01",
                }
            )
            for key, report in cls.report.items()
        }
        return {
            **records,
            "kpi.intelligent.optimization": advice,
            "kpi.definition.synonym": synonyms,
            "kpi.question.unread": unread,
        }
