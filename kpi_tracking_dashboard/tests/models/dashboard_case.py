from unittest.mock import patch

from odoo.fields import Command
from odoo.sql_db import Cursor

from odoo.addons.kpi_tracking.tests.models.entered_case import EnteredCase

NOW = "2026-03-11 12:00:00"


def settle_facts(env):
    """All values are as they were recorded a year ago, and settled since."""
    env.cr.execute(
        "UPDATE kpi_measurement SET recorded_at = period_start + INTERVAL '40 days'"
    )
    env.invalidate_all()


class DashboardCase(EnteredCase):
    """Dashboards of two KPIs of the company, and people who look."""

    @classmethod
    def _tile(cls, kind, *kpis, **values):
        if kind == "card" and "card_id" not in values:
            card = cls.env.ref("kpi_tracking_dashboard.kpi_dashboard_card_trend")
            values["card_id"] = card.id
        definitions = [kpi.definition_id.id for kpi in kpis]
        return {
            "kind": kind,
            "definition_ids": [Command.set(definitions)],
            "definition_order": definitions,
            **values,
        }

    @classmethod
    def _dashboard(cls, *tiles, **values):
        """A dashboard that all KPI users see."""
        group = cls.env.ref("kpi_base.kpi_base_group_user")
        return cls.env["kpi.dashboard"].create(
            {
                "name": "Board",
                "company_id": cls.company.id,
                "group_ids": group.ids,
                "tile_ids": [
                    Command.create({"sequence": place, **tile})
                    for place, tile in enumerate(tiles)
                ],
                **values,
            }
        )

    def _data(self, dashboard, user=None, **options):
        with self._at(NOW):
            return self._as(user or self.officer, dashboard).data(options)

    def _shown(self, *tiles, user=None, **options):
        """Tiles as somebody sees them, by default an officer."""
        return self._data(self._dashboard(*tiles), user, **options)["tiles"]

    def _count_statements(self, dashboard, user):
        """How many statements read a dashboard."""
        self._data(dashboard, user)  # what Odoo keeps for all calls
        self.env.flush_all()
        self.env.invalidate_all()
        found, execute = [], Cursor.execute

        def record(cursor, query, *args, **kwargs):
            found.append(query)
            return execute(cursor, query, *args, **kwargs)

        with self._at(NOW), patch.object(Cursor, "execute", record):
            self._as(user, dashboard).data({})
        return len(found)
