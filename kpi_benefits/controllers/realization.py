from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    read_values,
    reference,
    row,
    verify_unchanged,
)
from odoo.addons.kpi_base.schemas.base import Page

from ..schemas.realization import (
    RealizationChange,
    RealizationIn,
    RealizationOut,
    RealizationQuery,
    RealizationsQuery,
    SummaryOut,
)
from .initiative import MODEL as INITIATIVE
from .initiative import READ, WRITE

MODEL = "kpi.benefit.realization"
PATH = "/api/benefits/realizations"
ONE = f"{PATH}/<kpi_id:benefit_id>"
OF_INITIATIVE = f"{PATH}/initiative/<kpi_id:initiative_id>"
NAMED = {
    "baseline_id": "kpi.baseline",
    "initiative_id": INITIATIVE,
    "owner_id": "res.users",
}
NO_FIELDS = {"months", "confirm_status"}


class KpiRealizationApi(http.Controller):
    """Benefits: who sees one on the screens sees it here, and does the same to it."""

    @route(
        PATH,
        methods=["POST"],
        scope=WRITE,
        summary="Plan a benefit",
        body=RealizationIn,
        response=RealizationOut,
        status=201,
        example={
            "initiative_id": 1,
            "name": "Fewer hours on invoices",
            "amount": 4000.0,
            "date_from": "2027-01-01",
            "date_to": "2029-12-31",
            "ramp_months": 4,
        },
    )
    def create_realization(self, body):
        """Its months are planned at once."""
        benefits = request.env[MODEL]
        values = read_values(body, NAMED, without=NO_FIELDS, records=benefits)
        return _tell(benefits.create(values), body)

    @route(
        ONE,
        scope=READ,
        summary="One benefit",
        query=RealizationQuery,
        response=RealizationOut,
    )
    def get_realization(self, benefit_id, query):
        return row(find_record(MODEL, benefit_id), query)

    @route(
        ONE,
        methods=["PUT"],
        scope=WRITE,
        summary="Change a benefit, or say what was realised",
        body=RealizationChange,
        response=RealizationOut,
        example={"months": [{"month": "2027-01-01", "realized": 1800.0}]},
    )
    def change_realization(self, benefit_id, body):
        """What the body does not name stays. With “If-Match” only if nobody has
        changed it since."""
        found = find_record(MODEL, benefit_id)
        verify_unchanged(found, RealizationQuery())
        values = read_values(body, NAMED, without=NO_FIELDS, records=found)
        if values:
            found.write(values)
        return _tell(found, body)

    @route(
        OF_INITIATIVE,
        scope=READ,
        summary="Benefits of an initiative",
        query=RealizationsQuery,
        response=Page[RealizationOut],
    )
    def list_realizations(self, initiative_id, query):
        initiative = find_record(INITIATIVE, initiative_id)
        return read_page(MODEL, query, [("initiative_id", "=", initiative.id)])

    @route(
        f"{OF_INITIATIVE}/summary",
        scope=READ,
        summary="Benefits of an initiative, added up",
        response=SummaryOut,
    )
    def sum_up_realizations(self, initiative_id):
        """By type and by status. Rates are ratios of sums, never means of rates."""
        initiative = find_record(INITIATIVE, initiative_id)
        return {
            "currency": reference(initiative.currency_id),
            **initiative._sum_up_benefits(),
        }


def _tell(benefit, body):
    """What the body says beside fields is done; the benefit as it is then."""
    if body.months:
        benefit._set_realized(
            [(each.month, each.realized, each.note) for each in body.months]
        )
    if body.confirm_status:
        benefit.action_confirm_status()
    return row(benefit, RealizationQuery())
