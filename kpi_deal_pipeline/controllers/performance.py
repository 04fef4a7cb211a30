from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.schemas.base import Day, Filter

from ..schemas import performance as schemas

# Each is there twice, as programs may look for it next to the deals.
PLACES = ("/api/v1/performance", "/api/v1/deals/performance")
SNAPSHOTS = Resource(PLACES[0], schemas.SnapshotOut, scope="deals")
BENCHMARKS = Resource(PLACES[0], schemas.BenchmarkOut, scope="deals")
BULK_BYTES = 4 * 2**20


def paths(name):
    return [f"{place}/{name}" for place in PLACES]


class PerformanceApi(http.Controller):
    """Performance of agents, and benchmarks of others."""

    @route(
        paths("summary"),
        scope="deals.read",
        summary="The latest performance of an agent",
        query=schemas.SummaryQuery,
        response=schemas.SummaryOut,
    )
    def get_summary(self, query):
        """Without an agent that of the key's owner."""
        found = request.env["kpi.agent.performance"]._latest_for_programs(
            query.agent_id, query.company_id, query.days
        )
        if not found:
            raise Problem("not-found")
        return found

    list_snapshots = SNAPSHOTS.list(
        "Performance of agents by day",
        "agent_id company_id",
        sortable="as_of_date",
        path=paths("snapshots"),
        first=Filter("as_of_date", ">=", Day),
        last=Filter("as_of_date", "<=", Day),
    )

    @BENCHMARKS.list(
        "Benchmarks in force",
        "metric_key asset_type deal_type cohort source",
        sortable="effective_date metric_key",
        path=paths("benchmarks"),
        as_of=schemas.AS_OF,
        all_versions=schemas.ALL_VERSIONS,
    )
    def list_benchmarks(self, query):
        if query.all_versions:
            return []
        return request.env[BENCHMARKS.model]._in_force_domain(query.as_of)

    @route(
        paths("benchmarks"),
        methods=["POST"],
        scope="deals.write",
        summary="Enter up to 5,000 benchmarks",
        body=schemas.BenchmarksIn,
        response=schemas.BenchmarksOut,
        max_body_bytes=BULK_BYTES,
        example={
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
        },
    )
    def enter_benchmarks(self, body):
        """For administrators of deals. The answer has the result of each row;
        the same rows again change nothing."""
        return request.env[BENCHMARKS.model]._ingest_by_program(body.model_dump())
