from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, reference

from ..schemas import insight as schemas
from ..schemas.review import InsightsIn, InsightsOut
from .baseline import KPIS
from .initiative import INITIATIVES
from .realization import BENEFITS
from .review import REVIEWS

PATH = "/api/benefits/ai"
DASHBOARD = "/api/benefits/dashboard"
READ = "benefits.read"
ASK = {"methods": ["POST"], "scope": READ, "is_safe": True}  # a body that only asks


class KpiInsightApi(http.Controller):
    """What the months of benefits say. The sentences are written by rules: the same
    months always give the same ones."""

    @route(
        f"{PATH}/forecast-realization",
        **ASK,
        summary="Forecast realized benefits",
        body=schemas.InsightIn,
        response=schemas.ForecastOut,
        example={"benefit_id": 1},
    )
    def forecast_realization(self, body):
        """Range, probability of 90% of the plan, and what they rest on."""
        found = _find(body)
        return {"currency": reference(found.currency_id), **found._forecast()}

    @route(
        f"{PATH}/explain-variance",
        **ASK,
        summary="Explain the difference between planned and realized benefits",
        body=schemas.ExplainIn,
        response=schemas.VarianceOut,
        example={"initiative_id": 1},
    )
    def explain_variance(self, body):
        """Steps from planned to realized that add up exactly, and sentences; of a KPI
        from its baseline to its last value."""
        if body.kpi_id:
            found = KPIS.find(body.kpi_id)
            return found._explain_variance(body.period_from, body.period_to)
        found = _find(body)
        return {"currency": reference(found.currency_id), **found._explain_variance()}

    @route(
        f"{PATH}/detect-leakage",
        **ASK,
        summary="Find where value leaks",
        body=schemas.InsightIn,
        response=schemas.LeaksOut,
        example={"initiative_id": 1},
    )
    def detect_leakage(self, body):
        """Each with its evidence; nothing is stored."""
        found = _find(body)
        return {
            "currency": reference(found.currency_id),
            "items": found._describe_leaks(),
        }

    @route(
        f"{PATH}/benchmark",
        **ASK,
        summary="Compare an initiative with others",
        body=schemas.BenchmarkIn,
        response=schemas.BenchmarkOut,
        example={"initiative_id": 1, "measure": "cost_overrun"},
    )
    def benchmark(self, body):
        """With own initiatives that are live or were, and with published ranges."""
        found = INITIATIVES.find(body.initiative_id)._benchmark()
        asked = {body.measure} if body.measure else {one["measure"] for one in found}
        return {"items": [one for one in found if one["measure"] in asked]}

    @route(
        f"{PATH}/generate-pir-insights",
        **ASK,
        summary="Sentences on the figures of a review",
        body=InsightsIn,
        response=InsightsOut,
        example={"pir_id": 1},
    )
    def generate_insights(self, body):
        """By rules, the same for the same figures; each names the records in which its
        numbers are found."""
        if body.pir_id:
            review = REVIEWS.find(body.pir_id)
        else:
            initiative = INITIATIVES.find(body.initiative_id)
            review = request.env[REVIEWS.model].new(
                {"initiative_id": initiative.id, "status": "draft"}
            )
        return {"insights": review._suggest_insights()}


class KpiBenefitDashboardApi(http.Controller):
    """Dashboards of benefits, as the key's user sees them on the screens."""

    @route(
        f"{DASHBOARD}/portfolio",
        scope=READ,
        summary="Benefits of all initiatives",
        query=schemas.PortfolioQuery,
        response=schemas.PortfolioOut,
    )
    def get_portfolio(self, query):
        """In the currency of the key's user's company. Rates are ratios of sums, never
        means of rates."""
        if query.department_id:
            find_record("hr.department", query.department_id)
        if query.program_id:
            INITIATIVES.find(query.program_id)
        portfolio = request.env["kpi.benefit.portfolio"]
        shown = portfolio.get_portfolio(query.model_dump())
        return {**shown, "currency": reference(request.env.company.currency_id)}

    @route(
        f"{DASHBOARD}/initiative/<kpi_id:initiative_id>",
        scope=READ,
        summary="Benefits, gates and costs of an initiative",
        response=schemas.InitiativeDashboardOut,
    )
    def get_initiative_dashboard(self, initiative_id):
        """In the currency of its company; of a program, with what is below it."""
        initiative = INITIATIVES.find(initiative_id)
        return {
            **initiative.get_dashboard(),
            "currency": reference(initiative.currency_id),
        }


def _find(body):
    """The benefit or the initiative that a body names, as far as the user sees it."""
    if body.benefit_id:
        return BENEFITS.find(body.benefit_id)
    return INITIATIVES.find(body.initiative_id)
