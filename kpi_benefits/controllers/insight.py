from odoo import http

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, reference

from ..schemas.insight import (
    BenchmarkIn,
    BenchmarkOut,
    ExplainIn,
    ForecastOut,
    InsightIn,
    LeaksOut,
    VarianceOut,
)
from .initiative import MODEL as INITIATIVE
from .initiative import READ
from .realization import MODEL as BENEFIT

BASELINE = "kpi.baseline"
PATH = "/api/benefits/ai"


class KpiInsightApi(http.Controller):
    """What the months of benefits say. The sentences are written by rules: the same
    months always give the same ones."""

    @route(
        f"{PATH}/forecast-realization",
        methods=["POST"],
        scope=READ,
        is_safe=True,
        summary="Forecast what will be realised",
        body=InsightIn,
        response=ForecastOut,
        example={"benefit_id": 1},
    )
    def forecast_realization(self, body):
        """Range, probability of 90 % of the plan, and what they rest on."""
        found = _find(body)
        return {"currency": reference(found.currency_id), **found._forecast()}

    @route(
        f"{PATH}/explain-variance",
        methods=["POST"],
        scope=READ,
        is_safe=True,
        summary="Explain why what was realised is not what was planned",
        body=ExplainIn,
        response=VarianceOut,
        example={"initiative_id": 1},
    )
    def explain_variance(self, body):
        """Steps from planned to realised that add up exactly, and sentences; of a KPI
        from its baseline to its last value."""
        if body.kpi_id:
            found = find_record(BASELINE, body.kpi_id)
            return found._explain_variance(body.period_from, body.period_to)
        found = _find(body)
        return {"currency": reference(found.currency_id), **found._explain_variance()}

    @route(
        f"{PATH}/detect-leakage",
        methods=["POST"],
        scope=READ,
        is_safe=True,
        summary="Find where value leaks",
        body=InsightIn,
        response=LeaksOut,
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
        methods=["POST"],
        scope=READ,
        is_safe=True,
        summary="Compare an initiative with others",
        body=BenchmarkIn,
        response=BenchmarkOut,
        example={"initiative_id": 1, "measure": "cost_overrun"},
    )
    def benchmark(self, body):
        """With own initiatives that are live or were, and with published ranges."""
        found = find_record(INITIATIVE, body.initiative_id)._benchmark()
        asked = {body.measure} if body.measure else {one["measure"] for one in found}
        return {"items": [one for one in found if one["measure"] in asked]}


def _find(body):
    """The benefit or the initiative that a body names, as far as the user sees it."""
    if body.benefit_id:
        return find_record(BENEFIT, body.benefit_id)
    return find_record(INITIATIVE, body.initiative_id)
