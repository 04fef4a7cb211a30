from datetime import date, datetime

from odoo.tests import TransactionCase

from odoo.addons.kpi_tracking.tests.security.access_case import PERIOD, KpiAccessMixin


class DashboardAccessCase(KpiAccessMixin, TransactionCase):
    """The people and KPIs of ``access_oracle.py``, with dashboards and notes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        return {
            **super()._make_records(),
            **cls._dashboards(),
            "kpi.annotation": cls._notes(),
            "kpi.gallery.dashboard": {
                "common": cls._named(
                    "kpi.gallery.dashboard", entry={"name": "Access", "tiles": []}
                )
            },
        }

    @classmethod
    def _notes(cls):
        """A note on each KPI."""
        return {
            key: cls.env["kpi.annotation"].create(
                {"report_id": report.id, "date": PERIOD, "text": "Access"}
            )
            for key, report in cls.report.items()
        }

    @classmethod
    def _dashboards(cls):
        """Dashboards that all KPI users share, of the officer of both companies."""
        owner = cls.users["officer_ab"]
        shared = {
            "owner_id": owner.id,
            "group_ids": cls.env.ref("kpi_base.kpi_base_group_user").ids,
        }
        card, used = (
            cls.env["kpi.dashboard.card"].create({"name": name})
            for name in ("Access", "Used")
        )
        dashboards = {
            key: cls._named("kpi.dashboard", company_id=company.id, **shared)
            for key, company in {
                **cls.company,
                "common": cls.env["res.company"],
            }.items()
        }
        of_dashboards = {
            "kpi.dashboard.tile": {"card_id": used.id},
            "kpi.dashboard.filter": {"user_id": owner.id},
        }
        for dashboard in dashboards.values():
            dashboard.count_view()
        visits = cls.env["kpi.dashboard.visit"]
        return {
            "kpi.dashboard": dashboards,
            "kpi.dashboard.visit": {
                key: visits.search([("dashboard_id", "=", dashboard.id)])
                for key, dashboard in dashboards.items()
            },
            "kpi.dashboard.version": {
                key: cls.env["kpi.dashboard.version"]._keep(
                    dashboard, dashboard._get_state(), [], owner, datetime(2026, 1, 1)
                )
                for key, dashboard in dashboards.items()
            },
            "kpi.dashboard.card": {"common": card},
            "kpi.dashboard.share": {
                key: cls._named(
                    "kpi.dashboard.share",
                    dashboard_id=dashboard.id,
                    user_id=owner.id,
                    token_hash=f"access {key}",
                    expires_on=date(2100, 1, 1),
                )
                for key, dashboard in dashboards.items()
            },
            "kpi.dashboard.schedule": {
                key: cls.env["kpi.dashboard.schedule"].create(
                    {"dashboard_id": dashboard.id, "user_ids": owner.ids}
                )
                for key, dashboard in dashboards.items()
            },
            **{
                model: {
                    key: cls._named(model, dashboard_id=dashboard.id, **values)
                    for key, dashboard in dashboards.items()
                }
                for model, values in of_dashboards.items()
            },
        }
