"""Integrations and their runs; settings and credentials are on the screens only."""

from typing import ClassVar

from odoo.addons.kpi_base.schemas import base


class IntegrationOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.integration",
        "name integration_type definition owner company sync_frequency sync_status"
        " last_sync next_sync_at last_error",
        {
            "definition": "KPI that its values go to",
            "last_sync": "Last success",
            "last_error": "Why the last run failed",
        },
    )


class RunOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.import",
        "integration! state started_at finished_at row_count added_count changed_count"
        " equal_count refused_count error",
        {
            "equal_count": "Rows whose values were there",
            "error": "Why nothing was imported",
        },
    )
