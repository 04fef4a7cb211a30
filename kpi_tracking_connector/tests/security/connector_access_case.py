from odoo.tests import TransactionCase

from odoo.addons.kpi_tracking.tests.security.access_case import KpiAccessMixin


class ConnectorAccessCase(KpiAccessMixin, TransactionCase):
    """The people of the oracle, with a connector of an officer of each company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        connectors = cls.env["kpi.bi.connector"]
        return {
            **super()._make_records(),
            "kpi.bi.connector": {
                key: connectors.create({"name": key, "owner_id": cls.users[owner].id})
                for key, owner in (("a", "officer_a"), ("b", "officer_ab"))
            },
        }
