from odoo import http
from odoo.fields import Command
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    read_values,
    row,
    verify_unchanged,
)

from ..schemas.baseline import (
    EnteredOut,
    EnteredQuery,
    KpiChange,
    KpiIn,
    KpiOut,
    KpiQuery,
    KpisQuery,
    MeasurementIn,
    MeasurementsQuery,
    TrendOut,
)
from .initiative import CHANGE, CREATE, READ
from .initiative import MODEL as INITIATIVE

MODEL = "kpi.baseline"
REPORT = "kpi.report"
PATH = "/api/benefits/kpis"
ONE = f"{PATH}/<kpi_id:kpi_id>"
NAMED = {
    "initiative_id": INITIATIVE,
    "report_id": REPORT,
    "control_id": REPORT,
    "adoption_id": REPORT,
    "volume_id": REPORT,
}
NO_FIELDS = {"new_kpi", "shares"}


class KpiBaselineApi(http.Controller):
    """KPIs of initiatives: who sees both on the screens sees them here."""

    @route(
        PATH,
        **CREATE,
        summary="Track a KPI for an initiative",
        body=KpiIn,
        response=KpiOut,
        example={
            "initiative_id": 1,
            "new_kpi": {"name": "Hours per invoice", "direction": "lower"},
            "category": "operational",
            "baseline_value": 20.0,
            "target_value": 10.0,
        },
    )
    def create_kpi(self, body):
        """A KPI that is there, or a new one of this initiative alone."""
        baselines = request.env[MODEL]
        new_kpi = body.new_kpi and body.new_kpi.model_dump(exclude_none=True)
        made = baselines._create_by_program(_prepare(body, baselines), new_kpi)
        return row(made, KpiQuery())

    @route(ONE, scope=READ, summary="One KPI", query=KpiQuery)
    def get_kpi(self, kpi_id, query):
        return row(find_record(MODEL, kpi_id), query)

    @route(
        ONE,
        **CHANGE,
        summary="Change baseline, target or share",
        body=KpiChange,
        response=KpiOut,
        example={"target_value": 12.0},
    )
    def change_kpi(self, kpi_id, body):
        """What the body does not name stays. With “If-Match” only if nobody has
        changed it since."""
        found = find_record(MODEL, kpi_id)
        verify_unchanged(found, KpiQuery())
        found.write(_prepare(body, found))
        return row(found, KpiQuery())

    @route(
        f"{PATH}/initiative/<kpi_id:initiative_id>",
        scope=READ,
        summary="KPIs of an initiative",
        query=KpisQuery,
    )
    def list_kpis(self, initiative_id, query):
        """Its own; with “parts” also those of the initiatives below it."""
        initiative = find_record(INITIATIVE, initiative_id)
        return read_page(MODEL, query, initiative._get_list_domain(query.parts))

    @route(
        f"{ONE}/trend",
        scope=READ,
        summary="Where a KPI is going",
        response=TrendOut,
    )
    def get_trend(self, kpi_id):
        return find_record(MODEL, kpi_id)._describe_trend()

    @route(
        f"{ONE}/measurements",
        **CREATE,
        summary="Enter a value",
        body=MeasurementIn,
        response=EnteredOut,
        example={"measurement_date": "2027-01-31", "value": 14.0},
    )
    def enter_measurement(self, kpi_id, body):
        """Approvals and locks of the KPI hold. One that is computed takes none: 409."""
        found = find_record(MODEL, kpi_id)
        entry = found._enter_measurement(body.measurement_date, body.value, body.notes)
        return row(entry, EnteredQuery())

    @route(
        f"{ONE}/measurements",
        scope=READ,
        summary="Values of a KPI",
        query=MeasurementsQuery,
    )
    def list_measurements(self, kpi_id, query):
        found = find_record(MODEL, kpi_id)
        return read_page("kpi.baseline.measurement", query, [("kpi_id", "=", found.id)])


def _prepare(body, baselines):
    """Values to write; shares replace all that are there."""
    values = read_values(body, NAMED, without=NO_FIELDS, records=baselines)
    if body.shares is not None:
        rows = [Command.create(each.model_dump()) for each in body.shares]
        values["share_ids"] = [Command.clear(), *rows]
    return values
