from odoo.addons.kpi_base.tests.world import found, keep
from odoo.addons.kpi_tracking_alert.tests.models.alert_case import AlertCase


class CollaborationCase(AlertCase):
    """KPIs that people discuss: an officer, a user with one KPI, and a stranger."""

    @classmethod
    def prepare_database(cls, env):
        case = cls._builder(env)
        stranger = case._create_user("stranger", groups="kpi_base.kpi_base_group_user")
        keep(case.env, "collaboration", stranger=stranger)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.discussions = cls.env["kpi.discussion"]
        cls.revenue.shared_user_ids = cls.user
        cls.revenue.owner_id = cls.manager
        found(cls, "collaboration", "stranger")

    @classmethod
    def _discuss(cls, user=None, **values):
        """A discussion of revenue in February that a person opened."""
        return (
            cls.discussions.with_user(user or cls.officer)
            .with_context(allowed_company_ids=cls.company.ids)
            .create(
                {
                    "name": "Why so little?",
                    "kpi_id": cls.revenue.id,
                    "grain": "month",
                    "period_start": "2026-02-14",
                    **values,
                }
            )
        )
