from odoo import http

from odoo.addons.kpi_base.rest.resource import Resource

from ..schemas import integration as schemas

INTEGRATIONS = Resource(
    "/api/kpi/integrations/<kpi_id:integration_id>", schemas.IntegrationOut
)
RUNS = Resource(
    f"{INTEGRATIONS.one}/runs",
    schemas.RunOut,
    within=(INTEGRATIONS, "integration_id"),
)


class KpiIntegrationApi(http.Controller):
    """Integrations, for those who are responsible for them, and administrators."""

    list_integrations = INTEGRATIONS.list(
        "Integrations",
        "integration_type definition_id sync_status",
        sortable="name last_sync next_sync_at sync_status",
    )
    get_integration = INTEGRATIONS.get("One integration")

    @INTEGRATIONS.act("sync", "Run an integration")
    def sync_integration(self, integration):
        """Within a minute, at any frequency; “runs” has the result. With
        “If-Match” only if it has not changed since."""
        integration.action_sync()

    list_runs = RUNS.list("Runs of an integration", "state", sortable="finished_at")
