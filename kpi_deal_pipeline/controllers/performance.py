from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import read_page

from ..schemas.performance import (
    BenchmarksIn,
    BenchmarksOut,
    BenchmarksQuery,
    SnapshotsQuery,
    SummaryOut,
    SummaryQuery,
)
from .deal import READ, WRITE

# Each is there twice, as programs may look for it beside the deals.
PLACES = ("/api/v1/performance", "/api/v1/deals/performance")
BULK_BYTES = 4 * 2**20
EXAMPLE = {
    "rows": [
        {
            "metric_key": "conversion_rate",
            "asset_type": "office",
            "cohort": "industry_avg",
            "value_numeric": "0.27",
            "sample_size": 240,
            "source": "Survey of brokers 2026",
            "effective_date": "2026-01-01",
        }
    ]
}


def paths(name):
    return [f"{place}/{name}" for place in PLACES]


class PerformanceApi(http.Controller):
    """Performance of agents, and benchmarks of others."""

    @route(
        paths("summary"),
        scope=READ,
        summary="The latest performance of an agent",
        query=SummaryQuery,
        response=SummaryOut,
    )
    def get_summary(self, query):
        """Without an agent that of the key's owner."""
        found = request.env["kpi.agent.performance"]._latest_for_programs(
            query.agent_id, query.company_id, query.days
        )
        if not found:
            raise Problem("not-found")
        return found

    @route(
        paths("snapshots"),
        scope=READ,
        summary="Performance of agents by day",
        query=SnapshotsQuery,
    )
    def list_snapshots(self, query):
        return read_page("kpi.agent.performance", query)

    @route(
        paths("benchmarks"),
        scope=READ,
        summary="Benchmarks in force",
        query=BenchmarksQuery,
    )
    def list_benchmarks(self, query):
        model = request.env["kpi.performance.benchmark"]
        domain = [] if query.all_versions else model._in_force_domain(query.as_of)
        return read_page(model._name, query, domain)

    @route(
        paths("benchmarks"),
        methods=["POST"],
        scope=WRITE,
        summary="Enter up to 5,000 benchmarks",
        body=BenchmarksIn,
        response=BenchmarksOut,
        max_body_bytes=BULK_BYTES,
        example=EXAMPLE,
    )
    def enter_benchmarks(self, body):
        """For administrators of deals. The answer says of each row what became of it;
        the same rows again change nothing."""
        return request.env["kpi.performance.benchmark"]._ingest_by_program(
            body.model_dump()
        )
