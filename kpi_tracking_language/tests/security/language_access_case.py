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
        return {
            **records,
            "kpi.definition.synonym": synonyms,
            "kpi.question.unread": unread,
        }
