from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, reference, verify_named

from ..schemas.portfolio import InitiativeDashboardOut, PortfolioOut, PortfolioQuery
from .initiative import MODEL as INITIATIVE
from .initiative import READ

PATH = "/api/benefits/dashboard"
NAMED = {"department_id": "hr.department", "program_id": INITIATIVE}


class KpiBenefitDashboardApi(http.Controller):
    """Dashboards of benefits, as the key's user sees them on the screens."""

    @route(
        f"{PATH}/portfolio",
        scope=READ,
        summary="Benefits of all initiatives",
        query=PortfolioQuery,
        response=PortfolioOut,
    )
    def get_portfolio(self, query):
        """In the currency of the key's user's company. Rates are ratios of sums, never
        means of rates."""
        asked = query.model_dump()
        verify_named(asked, NAMED)
        shown = request.env["kpi.benefit.portfolio"].get_portfolio(asked)
        return {**shown, "currency": reference(request.env.company.currency_id)}

    @route(
        f"{PATH}/initiative/<kpi_id:initiative_id>",
        scope=READ,
        summary="Benefits, gates and costs of an initiative",
        response=InitiativeDashboardOut,
    )
    def get_initiative_dashboard(self, initiative_id):
        """In the currency of its company; of a programme, with what is below it."""
        initiative = find_record(INITIATIVE, initiative_id)
        return {
            **initiative.get_dashboard(),
            "currency": reference(initiative.currency_id),
        }
