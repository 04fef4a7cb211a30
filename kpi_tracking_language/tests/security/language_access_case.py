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
        return {**records, "kpi.definition.synonym": synonyms}
