from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    describe_records,
    find_record,
    read_page,
    read_values,
    reference,
    row,
    verify_unchanged,
)

from ..schemas.realization import (
    AssumptionOut,
    ConfidenceIn,
    ConfidenceOut,
    ConfidenceQuery,
    ConfidencesQuery,
    RealizationChange,
    RealizationIn,
    RealizationQuery,
    RealizationsQuery,
    RealizationWhole,
    SummaryOut,
)
from .initiative import BENEFIT as MODEL
from .initiative import CHANGE, CREATE, READ
from .initiative import MODEL as INITIATIVE

PATH = "/api/benefits/realizations"
ONE = f"{PATH}/<kpi_id:benefit_id>"
OF_INITIATIVE = f"{PATH}/initiative/<kpi_id:initiative_id>"
NAMED = {
    "baseline_id": "kpi.baseline",
    "initiative_id": INITIATIVE,
    "owner_id": "res.users",
}
CONFIDENCE = "kpi.benefit.confidence"
CONFIDENCES = "/api/benefits/confidence"
NO_FIELDS = {"assumption_rows", "months", "confirm_status"}


class KpiRealizationApi(http.Controller):
    """Benefits: who sees one on the screens sees it here, and does the same to it."""

    @route(
        PATH,
        **CREATE,
        summary="Plan a benefit",
        body=RealizationIn,
        response=RealizationWhole,
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
        **CHANGE,
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


class KpiConfidenceApi(http.Controller):
    """How confident people were on which day that a benefit comes as planned."""

    @route(
        CONFIDENCES,
        **CREATE,
        summary="Give a confidence score",
        body=ConfidenceIn,
        response=ConfidenceOut,
        example={
            "benefit_id": 1,
            "probability": 0.75,
            "reason": "Two of three sites have begun.",
        },
    )
    def create_confidence(self, body):
        """Scores are a history: another opinion is another score."""
        scores = request.env[CONFIDENCE]
        values = read_values(body, {"benefit_id": MODEL}, records=scores)
        return row(scores.create(values), ConfidenceQuery())

    @route(
        f"{CONFIDENCES}/benefit/<kpi_id:benefit_id>",
        scope=READ,
        summary="Confidence scores of a benefit",
        query=ConfidencesQuery,
    )
    def list_confidence(self, benefit_id, query):
        """All that were given; “sort=-date” has the latest first."""
        benefit = find_record(MODEL, benefit_id)
        return read_page(CONFIDENCE, query, [("benefit_id", "=", benefit.id)])


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
    rows = describe_records(
        benefit.assumption_ids, AssumptionOut, text="name", note="check_note"
    )
    for one in rows:
        one.note = one.note or None
    return RealizationWhole.model_construct(**dict(told), assumption_rows=rows)
