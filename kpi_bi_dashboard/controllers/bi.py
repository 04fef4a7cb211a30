from functools import partial

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import describe_records, reference
from odoo.addons.kpi_base.schemas.base import Day, Filter, Page

from ..analytics.dashboard.dashboard_config import bi_config
from ..analytics.executive_reporting.executive_dashboard import ExecutiveDashboard
from ..schemas import bi as schemas

PREFIX = "/api/bi"
read = partial(route, scope="bi.read")
BiResource = partial(Resource, scope="bi")
RESULTS = BiResource(f"{PREFIX}/results", schemas.HistoryOut)
CUSTOMERS = BiResource(f"{PREFIX}/customers/<kpi_id:customer_id>", schemas.CustomerOut)
MARKETS = BiResource(f"{PREFIX}/markets/<kpi_id:market_id>", schemas.MarketOut)
COMPETITORS = BiResource(f"{PREFIX}/competitors", schemas.CompetitorOut)
SWOT = BiResource(f"{PREFIX}/swot", schemas.SwotOut)
OPPORTUNITIES = BiResource(f"{PREFIX}/opportunities", schemas.OpportunityOut)
BENCHMARKS = BiResource(f"{PREFIX}/benchmarks", schemas.BenchmarkOut)


class BiApi(RestPrefix, http.Controller, prefix=PREFIX, title="Executive BI API"):
    """The family of paths of the executive dashboard."""


class KpiBiAnalysisApi(http.Controller):
    """Figures of the key's company, as its user sees them on the screens."""

    @read(f"{PREFIX}/dashboard", summary="KPIs", response=schemas.DashboardOut)
    def get_dashboard(self):
        """Sections of KPIs, how each stands, and the usual rules that are broken."""
        config = bi_config.get_config(_analyses().env)
        company = reference(request.env.company)
        return {"company": company, **ExecutiveDashboard(config).build()}

    @read(f"{PREFIX}/analyses", summary="Analyses", response=Page[schemas.AnalysisOut])
    def list_analyses(self):
        """In the order of a run, with their newest results."""
        newest = _analyses()._find_newest()
        names = _analyses()._list_analyses()
        items = [_describe(name, newest.get(name)) for name in names]
        return {"items": items, "next_cursor": None}

    @read(
        f"{PREFIX}/analyses/<string:name>",
        summary="The figures of an analysis",
        query=schemas.AnalysisQuery,
        response=schemas.ResultOut,
    )
    def get_analysis(self, name, query):
        """Of its newest result, or of an older one."""
        return _get_result(name, query.result_id)

    @RESULTS.list(
        "Results of an analysis",
        path=f"{PREFIX}/analyses/<string:name>/history",
        cutoff=Filter("cutoff_date", kind=Day),
    )
    def list_history(self, query, name):
        """They are never changed; “sort=-id” has the newest first."""
        _check_name(name)
        company = request.env.company
        return [("company_id", "=", company.id), ("analysis", "=", name)]

    @read(
        f"{PREFIX}/forecasts", summary="The revenue to come", response=schemas.ResultOut
    )
    def get_forecasts(self):
        """By every model, with the pipeline and the revenue under contract."""
        return _get_result("revenue_forecast")

    @read(
        f"{PREFIX}/purchases/summary",
        summary="Purchases by month",
        query=schemas.PurchasesQuery,
        response=schemas.PurchasesOut,
    )
    def sum_purchases(self, query):
        """Of all customers together, in the company's currency, without taxes."""
        currency = reference(request.env.company.currency_id)
        months = request.env["kpi.bi.purchase"]._sum_months(query.first, query.last)
        return {"currency": currency, "items": months}

    @route(
        f"{PREFIX}/runs",
        methods=["POST"],
        scope="bi.write",
        summary="Bring the analyses up to date",
        response=schemas.RunOut,
        status=202,
    )
    def start_run(self):
        """For analysts. One that has not begun yet is taken up rather than doubled."""
        return describe_records(_analyses()._queue_run(), schemas.RunOut)[0]

    @read(
        f"{PREFIX}/runs/<kpi_id:run_id>",
        summary="How far a run is",
        response=schemas.RunOut,
    )
    def get_run(self, run_id):
        """Done, its results are the newest ones."""
        run = _analyses()._find_run(run_id)
        if not run:
            raise Problem("not-found")
        return describe_records(run, schemas.RunOut)[0]


class KpiBiRecordApi(http.Controller):
    """Customers for analysts; markets and what is known of them for all readers."""

    list_customers = CUSTOMERS.list("Customers", "segment tier churn_state partner_id")
    get_customer = CUSTOMERS.get("One customer")
    list_markets = MARKETS.list("Markets", "year category_id", sortable="name year")
    get_market = MARKETS.get("One market")
    list_competitors = COMPETITORS.list(
        "Competitors", "market_id", sortable="name date"
    )
    list_swot = SWOT.list(
        "Strengths, weaknesses, opportunities and threats", "kind market_id active"
    )
    list_opportunities = OPPORTUNITIES.list(
        "Opportunities in markets", "market_id state user_id active"
    )
    list_benchmarks = BENCHMARKS.list("Benchmarks", "measure", sortable="date_from")


def _analyses():
    """Analyses, if the user can read their results."""
    request.env["kpi.bi.result"].check_access("read")
    return request.env["kpi.bi.analysis"]


def _check_name(name):
    if name not in (known := _analyses()._list_analyses()):
        text = f"There is no analysis “{name}”; there are {', '.join(known)}."
        raise Problem("not-found", text)


def _get_result(name, result_id=None):
    _check_name(name)
    results = request.env["kpi.bi.result"]
    result = results._find_latest(request.env.company, name)
    if result_id:
        result = results.search([("id", "=", result_id), ("analysis", "=", name)])
    if not result:
        raise Problem("not-found", "There is no result yet: it comes with a run.")
    return {
        **_describe(name, result),
        "parameters": result.parameters or {},
        "figures": result._get_figures(),
        "checks": result.checks or {},
    }


def _describe(name, result):
    return {
        "name": name,
        "title": _analyses()._get_titles()[name],
        "result_id": result.id if result else None,
        "cutoff_date": result.cutoff_date if result else None,
        "computed_at": result.computed_at if result else None,
    }
