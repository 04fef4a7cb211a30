from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    read_values,
    row,
    verify_unchanged,
)
from odoo.addons.kpi_base.schemas.base import Page

from ..schemas.initiative import (
    InitiativeChange,
    InitiativeIn,
    InitiativeOut,
    InitiativeQuery,
    InitiativesQuery,
)

MODEL = "kpi.initiative"
PATH = "/api/benefits/initiatives"
ONE = f"{PATH}/<kpi_id:initiative_id>"
READ, WRITE = "benefits.read", "benefits.write"
NAMED = {
    "company_id": "res.company",
    "department_id": "hr.department",
    "owner_id": "res.users",
    "parent_id": MODEL,
    "sponsor_id": "res.users",
}


class BenefitsApi(
    RestPrefix, http.Controller, prefix="/api/benefits", title="Benefits API"
):
    """The family of paths of initiatives and their benefits."""


class KpiInitiativeApi(http.Controller):
    """Initiatives: who sees one on the screens sees it here, and changes it alike."""

    @route(
        PATH,
        scope=READ,
        summary="Initiatives",
        query=InitiativesQuery,
        response=Page[InitiativeOut],
    )
    def list_initiatives(self, query):
        return read_page(MODEL, query)

    @route(
        ONE,
        scope=READ,
        summary="One initiative",
        query=InitiativeQuery,
        response=InitiativeOut,
    )
    def get_initiative(self, initiative_id, query):
        return row(find_record(MODEL, initiative_id), query)

    @route(
        PATH,
        methods=["POST"],
        scope=WRITE,
        summary="Propose an initiative",
        body=InitiativeIn,
        response=InitiativeOut,
        status=201,
        example={
            "name": "Invoices without paper",
            "planned_go_live_date": "2027-01-01",
        },
    )
    def create_initiative(self, body):
        """It is approved, delivered and closed on the screens, by whom it concerns."""
        initiatives = request.env[MODEL]
        made = initiatives.create(read_values(body, NAMED, records=initiatives))
        return row(made, InitiativeQuery())

    @route(
        ONE,
        methods=["PUT"],
        scope=WRITE,
        summary="Change an initiative",
        body=InitiativeChange,
        response=InitiativeOut,
        example={"planned_go_live_date": "2027-03-01"},
    )
    def change_initiative(self, initiative_id, body):
        """What the body does not name stays. With “If-Match” only if nobody has
        changed it since."""
        found = find_record(MODEL, initiative_id)
        verify_unchanged(found, InitiativeQuery())
        found.write(read_values(body, NAMED, records=found))
        return row(found, InitiativeQuery())
