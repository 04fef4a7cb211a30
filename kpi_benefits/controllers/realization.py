from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    describe_records,
    read_values,
    reference,
    row,
    verify_named,
)
from odoo.addons.kpi_base.schemas.base import Filter

from ..schemas import realization as schemas
from .initiative import INITIATIVES, OF_INITIATIVE, BenefitResource


def _describe(benefit):
    """The benefit with its assumptions."""
    rows = describe_records(
        benefit.assumption_ids, schemas.AssumptionOut, text="name", note="check_note"
    )
    for one in rows:
        one.note = one.note or None
    values = dict(row(benefit, BENEFITS.query()))
    return schemas.RealizationWhole.model_construct(**values, assumption_rows=rows)


BENEFITS = BenefitResource(
    "/api/benefits/realizations/<kpi_id:benefit_id>",
    schemas.RealizationOut,
    describe=_describe,
    whole=schemas.RealizationWhole,
)
CONFIDENCES = BenefitResource("/api/benefits/confidence", schemas.ConfidenceOut)


class KpiRealizationApi(http.Controller):
    """Benefits: who sees one on the screens sees it here, and does the same to it."""

    @BENEFITS.post(
        "Plan a benefit",
        schemas.RealizationIn,
        example={
            "initiative_id": 1,
            "name": "Fewer hours on invoices",
            "amount": 4000.0,
            "date_from": "2027-01-01",
            "date_to": "2029-12-31",
            "ramp_months": 4,
        },
    )
    def create_realization(self, benefits, body):
        """Its months are planned at once."""
        made = benefits.create(_read_values(body, benefits))
        _change(made, body)
        return made

    @BENEFITS.part(
        "", "One benefit", query=BENEFITS.query, response=schemas.RealizationWhole
    )
    def get_realization(self, benefit, query):
        if not query.fields:
            return _describe(benefit)
        values = dict(row(benefit, query))
        return schemas.RealizationWhole.model_construct(set(values), **values)

    @BENEFITS.change(
        "Change a benefit, its status, or the realized values",
        schemas.RealizationChange,
        example={"months": [{"month": "2027-01-01", "realized": 1800.0}]},
    )
    def change_realization(self, benefit, body):
        """What the body does not name stays. With “If-Match” only if it has not
        changed since."""
        values = _read_values(body, benefit)
        if values:
            benefit.write(values)
        _change(benefit, body)

    @BENEFITS.list(
        "Benefits of an initiative",
        "benefit_type status owner_id",
        sortable="name benefit_type status amount expected_value realized_value"
        " date_from date_to created_at",
        path=f"{BENEFITS.path}/{OF_INITIATIVE}",
        text=Filter("name", "ilike"),
    )
    def list_realizations(self, initiative_id, query):
        """Of a program, also those of the initiatives below it."""
        return INITIATIVES.find(initiative_id)._get_part_domain()

    @route(
        f"{BENEFITS.path}/{OF_INITIATIVE}/summary",
        scope="benefits.read",
        summary="Benefits of an initiative, added up",
        response=schemas.SummaryOut,
    )
    def sum_up_realizations(self, initiative_id):
        """By type and by status; of a program, with what is below it. Rates are
        ratios of sums, never means of rates."""
        initiative = INITIATIVES.find(initiative_id)
        return {
            "currency": reference(initiative.currency_id),
            **initiative._sum_up_benefits(),
        }


class KpiConfidenceApi(http.Controller):
    """How confident people were on which day that a benefit comes as planned."""

    @CONFIDENCES.post(
        "Give a confidence score",
        schemas.ConfidenceIn,
        example={
            "benefit_id": 1,
            "probability": 0.75,
            "reason": "Two of three sites have begun.",
        },
    )
    def create_confidence(self, scores, body):
        """Scores are a history: another opinion is another score."""
        return scores.create(read_values(body, scores))

    @CONFIDENCES.list(
        "Confidence scores of a benefit",
        "user_id",
        sortable="date",
        path=f"{CONFIDENCES.path}/benefit/<kpi_id:benefit_id>",
    )
    def list_confidence(self, benefit_id, query):
        """All that were given; “sort=-date” has the latest first."""
        return [("benefit_id", "=", BENEFITS.find(benefit_id).id)]


def _read_values(body, benefits):
    """What the body says of fields that are written; the status is set by a method."""
    values = read_values(body, benefits)
    values.pop("status", None)
    return values


def _change(benefit, body):
    """Apply the parts of the body that are no fields."""
    # Odoo remembers the text as it was given, not the rows that it became.
    benefit.invalidate_recordset(["assumptions", "assumption_review_date"])
    if body.assumption_rows is not None:
        rows = [one.model_dump(exclude_unset=True) for one in body.assumption_rows]
        for given in rows:
            verify_named(given, request.env["kpi.benefit.assumption"])
        benefit._set_assumptions(
            [
                {
                    "name" if name == "text" else name: False
                    if value is None
                    else value
                    for name, value in given.items()
                    if value is not None or name in ("review_date", "note")
                }
                for given in rows
            ]
        )
    if body.months:
        benefit._set_realized(
            [(each.month, each.realized, each.note) for each in body.months]
        )
    if body.confirm_status:
        benefit.action_confirm_status()
    if body.status:
        benefit._set_status(body.status)
