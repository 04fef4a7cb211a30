from odoo.tests import TransactionCase

from odoo.addons.kpi_tracking.tests.security.access_case import KpiAccessMixin


class CollaborationAccessCase(KpiAccessMixin, TransactionCase):
    """The people and KPIs of ``access_oracle.py``, with discussions of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        records = super()._make_records()
        # Opened by the officer of company A, but for those of company B.
        discussions = {
            key: cls.env["kpi.discussion"].create(
                {"name": "Access", "kpi_id": report.id}
            )
            for key, report in cls.report.items()
        }
        discussions["shared"].user_id = cls.users["user"]
        discussions["uma"].user_id = cls.users["manager"]
        return {**records, "kpi.discussion": discussions}
