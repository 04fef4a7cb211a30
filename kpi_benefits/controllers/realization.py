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
    AssumptionOut,
    RealizationChange,
    RealizationIn,
    RealizationOut,
    RealizationQuery,
    RealizationsQuery,
    RealizationWhole,
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
NO_FIELDS = {"assumption_rows", "months", "confirm_status"}


class KpiRealizationApi(http.Controller):
    """Benefits: who sees one on the screens sees it here, and does the same to it."""

    @route(
        PATH,
        methods=["POST"],
        scope=WRITE,
        summary="Plan a benefit",
        body=RealizationIn,
        response=RealizationWhole,
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
        made = benefits.create(values)
        _change(made, body)
        return _tell(made)

    @route(
        ONE,
        scope=READ,
        summary="One benefit",
        query=RealizationQuery,
        response=RealizationWhole,
    )
    def get_realization(self, benefit_id, query):
        found = find_record(MODEL, benefit_id)
        if not query.fields:
            return _tell(found)
        told = dict(row(found, query))
        return RealizationWhole.model_construct(set(told), **told)

    @route(
        ONE,
        methods=["PUT"],
        scope=WRITE,
        summary="Change a benefit, or say what was realised",
        body=RealizationChange,
        response=RealizationWhole,
        example={"months": [{"month": "2027-01-01", "realized": 1800.0}]},
    )
    def change_realization(self, benefit_id, body):
        """What the body does not name stays. With “If-Match” only if nobody has
        changed it since."""
        found = find_record(MODEL, benefit_id)
        verify_unchanged(found, answer=_tell(found))
        values = read_values(body, NAMED, without=NO_FIELDS, records=found)
        if values:
            found.write(values)
        _change(found, body)
        return _tell(found)

    @route(
        OF_INITIATIVE,
        scope=READ,
        summary="Benefits of an initiative",
        query=RealizationsQuery,
        response=Page[RealizationOut],
    )
    def list_realizations(self, initiative_id, query):
        """Of a programme, also those of the initiatives below it."""
        initiative = find_record(INITIATIVE, initiative_id)
        return read_page(MODEL, query, initiative._get_part_domain())

    @route(
        f"{OF_INITIATIVE}/summary",
        scope=READ,
        summary="Benefits of an initiative, added up",
        response=SummaryOut,
    )
    def sum_up_realizations(self, initiative_id):
        """By type and by status; of a programme, with what is below it. Rates are
        ratios of sums, never means of rates."""
        initiative = find_record(INITIATIVE, initiative_id)
        return {
            "currency": reference(initiative.currency_id),
            **initiative._sum_up_benefits(),
        }


def _change(benefit, body):
    """Do what the body says beside fields."""
    # Odoo remembers the text as it was given, not the rows that it became.
    benefit.invalidate_recordset(["assumptions", "assumption_review_date"])
    if body.assumption_rows is not None:
        benefit._set_assumptions(
            [_prepare_assumption(one) for one in body.assumption_rows]
        )
    if body.months:
        benefit._set_realized(
            [(each.month, each.realized, each.note) for each in body.months]
        )
    if body.confirm_status:
        benefit.action_confirm_status()


def _prepare_assumption(body):
    named = {"owner_id": "res.users"}
    values = read_values(body, named, can_be_empty={"review_date", "note"})
    if "text" in values:
        values["name"] = values.pop("text")
    return values


def _tell(benefit):
    """The benefit with its assumptions."""
    told = row(benefit, RealizationQuery())
    rows = [_tell_assumption(one) for one in benefit.assumption_ids]
    return RealizationWhole.model_construct(**dict(told), assumption_rows=rows)


def _tell_assumption(assumption):
    checker = assumption.checked_by
    return AssumptionOut.model_construct(
        id=assumption.id,
        text=assumption.name,
        owner=reference(assumption.owner_id),
        review_date=assumption.review_date or None,
        status=assumption.status,
        checked_on=assumption.checked_on or None,
        checked_by=reference(checker) if checker else None,
        note=assumption.check_note or None,
        failed_on=assumption.failed_on or None,
    )
