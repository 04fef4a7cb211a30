from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, reference, rows

from ..schemas.summary import DashboardOut, SummaryOut
from .report import REPORTS
from .scorecard import SCORECARDS


def _kpis(domain):
    reports = request.env["kpi.report"].search(domain, order="id")
    return {
        "by_status": reports._by_status(reports),
        "kpis": rows(reports, REPORTS.query()),
    }


class KpiSummaryApi(http.Controller):
    """Routes on how a person or a department is doing."""

    @route(
        "/api/kpi/summary/<kpi_id:user_id>",
        summary="KPIs of a person",
        response=SummaryOut,
    )
    def summary(self, user_id):
        """Those that measure the person or are the person's to answer for, as far as
        the key's user sees them."""
        user = find_record("res.users", user_id)
        own = ["|", ("user_id", "=", user.id), ("owner_id", "=", user.id)]
        return {"user": reference(user), **_kpis(own)}

    @route(
        "/api/kpi/dashboard/<path:department>",
        summary="KPIs and scorecards of a department",
        response=DashboardOut,
    )
    def dashboard(self, department):
        """The department by number or by full name, such as “Sales / North”."""
        one = _department(department)
        within = [("department_id", "=", one.id)]
        scorecards = request.env["kpi.report.group"].search(within, order="id")
        return {
            "department": reference(one),
            **_kpis(within),
            "scorecards": rows(scorecards, SCORECARDS.query()),
        }


def _department(text):
    """The department that ``text`` means.

    :raises Problem: there is none, or several have the name
    """
    departments = request.env["hr.department"]
    if text.isascii() and text.isdigit() and len(text) < 10:
        return find_record(departments._name, int(text))
    if "\x00" in text:
        raise Problem("not-found")
    named = departments.search([("complete_name", "=", text)], order="id")
    if len(named) > 1:
        ids = ", ".join(map(str, named.ids))
        raise Problem("conflict", f"Several departments have this name: {ids}.")
    if not named:
        raise Problem("not-found")
    return named
