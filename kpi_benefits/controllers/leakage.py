from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    read_values,
    row,
    verify_unchanged,
)
from odoo.addons.kpi_base.schemas.base import Page

from ..schemas.leakage import (
    LeakageChange,
    LeakageIn,
    LeakageOut,
    LeakageQuery,
    LeakagesQuery,
)
from .initiative import MODEL as INITIATIVE
from .initiative import READ, WRITE
from .realization import MODEL as BENEFIT

MODEL = "kpi.value.leakage"
PATH = "/api/benefits/leakages"
ONE = f"{PATH}/<kpi_id:leakage_id>"
NAMED = {"benefit_id": BENEFIT, "initiative_id": INITIATIVE}


class KpiLeakageApi(http.Controller):
    """Value leakages: seen and changed here by whom they are on the screens."""

    @route(
        PATH,
        methods=["POST"],
        scope=WRITE,
        summary="Report a value leakage",
        body=LeakageIn,
        response=LeakageOut,
        status=201,
        example={
            "benefit_id": 1,
            "name": "Technicians go on using paper forms",
            "estimated_impact": 12000.0,
            "evidence": "40 % of the forms of March were scanned.",
        },
    )
    def create_leakage(self, body):
        """Of a benefit, or of an initiative; it is identified first."""
        leakages = request.env[MODEL]
        made = leakages.create(read_values(body, NAMED, records=leakages))
        return row(made, LeakageQuery())

    @route(
        ONE,
        scope=READ,
        summary="One value leakage",
        query=LeakageQuery,
        response=LeakageOut,
    )
    def get_leakage(self, leakage_id, query):
        return row(find_record(MODEL, leakage_id), query)

    @route(
        ONE,
        methods=["PUT"],
        scope=WRITE,
        summary="Change a value leakage, or move it on",
        body=LeakageChange,
        response=LeakageOut,
        example={"status": "mitigating", "mitigation_plan": "Train both sites"},
    )
    def change_leakage(self, leakage_id, body):
        """What the body does not name stays. With “If-Match” only if nobody has
        changed it since."""
        found = find_record(MODEL, leakage_id)
        verify_unchanged(found, LeakageQuery())
        found.write(read_values(body, NAMED, records=found))
        return row(found, LeakageQuery())

    @route(
        f"{PATH}/initiative/<kpi_id:initiative_id>",
        scope=READ,
        summary="Value leakages of an initiative",
        query=LeakagesQuery,
        response=Page[LeakageOut],
    )
    def list_leakages(self, initiative_id, query):
        """Its own; with “parts” also those of the initiatives below it."""
        initiative = find_record(INITIATIVE, initiative_id)
        return read_page(MODEL, query, initiative._get_list_domain(query.parts))
