from odoo.tests import TransactionCase

from odoo.addons.kpi_tracking.tests.security.access_case import KpiAccessMixin


class IntegrationAccessCase(KpiAccessMixin, TransactionCase):
    """The people of the oracle, with an integration of an officer of each company.

    “left” is of an officer who works in that company no more.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        records = super()._make_records()
        kpis = cls.env["kpi.definition"]
        owners = (
            ("a", cls.a, "officer_a"),
            ("b", cls.b, "officer_ab"),
            ("left", cls.b, "officer_a"),
        )
        hooks = {
            key: cls.env["kpi.hook"].create(
                {"name": key, "company_id": company.id, "owner_id": cls.users[owner].id}
            )
            for key, company, owner in owners
        }
        integrations = {
            key: cls.env["kpi.integration"].create(
                {
                    "name": key,
                    "integration_type": "google_sheets",
                    "company_id": company.id,
                    "owner_id": cls.users[owner].id,
                    "definition_id": kpis.create(
                        {"name": f"Fed {key}", "company_id": company.id}
                    ).id,
                }
            )
            for key, company, owner in owners
        }
        return {
            **records,
            "kpi.hook": hooks,
            "kpi.hook.message": {
                key: cls.env["kpi.hook.message"]._claim(hook, key)
                for key, hook in hooks.items()
            },
            "kpi.integration": integrations,
            "kpi.chat.link": {
                key: cls.env["kpi.chat.link"].create(
                    {"integration_id": integration.id, "person": f"T/{key}"}
                )
                for key, integration in integrations.items()
            },
        }
