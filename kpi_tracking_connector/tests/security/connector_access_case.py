from threading import current_thread

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
        connectors = {
            key: cls.env["kpi.bi.connector"].create(
                {"name": key, "owner_id": cls.users[owner].id}
            )
            for key, owner in (("a", "officer_a"), ("b", "officer_ab"))
        }
        exports = {
            key: cls.env["kpi.bi.export"].create({"connector_id": connector.id})
            for key, connector in connectors.items()
        }
        # Odoo's tests run in a thread that names its database, those of pytest do not.
        current_thread().dbname = cls.cr.dbname
        tools = cls.env["kpi.mcp.tool"]
        line = {"user_id": cls.users["officer_a"].id, "status": 200}
        log = cls.env["kpi.api.log"].create({**line, "route": "/api/kpi/mcp#ask"})
        return {
            **super()._make_records(),
            "kpi.mcp.tool": {"a": tools.create({"name": "list_kpis"})},
            "kpi.mcp.reading": {"a": cls.env["kpi.mcp.reading"].browse(log.id)},
            "kpi.bi.connector": connectors,
            "kpi.bi.export": exports,
        }
