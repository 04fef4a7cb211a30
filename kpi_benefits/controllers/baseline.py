from odoo import http
from odoo.fields import Command

from odoo.addons.kpi_base.rest.rows import read_values
from odoo.addons.kpi_base.schemas.base import Day, Filter

from ..schemas import baseline as schemas
from ..schemas.initiative import PARTS
from .initiative import INITIATIVES, OF_INITIATIVE, BenefitResource

KPIS = BenefitResource("/api/benefits/kpis/<kpi_id:kpi_id>", schemas.KpiOut)
OF_KPI = {"within": (KPIS, "kpi_id")}
MEASUREMENTS = BenefitResource(
    f"{KPIS.one}/measurements", schemas.MeasurementOut, **OF_KPI
)
ENTRIES = BenefitResource(MEASUREMENTS.path, schemas.EnteredOut, **OF_KPI)


class KpiBaselineApi(http.Controller):
    """KPIs of initiatives: who sees both on the screens sees them here."""

    get_kpi = KPIS.get("One KPI")

    @KPIS.post(
        "Track a KPI for an initiative",
        schemas.KpiIn,
        example={
            "initiative_id": 1,
            "new_kpi": {"name": "Hours per invoice", "direction": "lower"},
            "category": "operational",
            "baseline_value": 20.0,
            "target_value": 10.0,
        },
    )
    def create_kpi(self, baselines, body):
        """A KPI that is there, or a new one of this initiative alone."""
        new_kpi = body.new_kpi and body.new_kpi.model_dump(exclude_none=True)
        return baselines._create_by_program(_prepare(body, baselines), new_kpi)

    @KPIS.change(
        "Change baseline, target or share",
        schemas.KpiChange,
        example={"target_value": 12.0},
    )
    def change_kpi(self, baseline, body):
        """What the body does not name stays. With “If-Match” only if it has not
        changed since."""
        baseline.write(_prepare(body, baseline))

    @KPIS.list(
        "KPIs of an initiative",
        "category report_id active",
        sortable="name category created_at",
        path=f"{KPIS.path}/{OF_INITIATIVE}",
        parts=PARTS,
        text=Filter("name", "ilike", description="Part of the name"),
    )
    def list_kpis(self, initiative_id, query):
        """Its own; with “parts” also those of the initiatives below it."""
        return INITIATIVES.find(initiative_id)._get_list_domain(query.parts)

    @KPIS.part("trend", "Where a KPI is going", response=schemas.TrendOut)
    def get_trend(self, baseline):
        return baseline._describe_trend()

    @ENTRIES.post(
        "Enter a value",
        schemas.MeasurementIn,
        example={"measurement_date": "2027-01-31", "value": 14.0},
    )
    def enter_measurement(self, _entries, baseline, body):
        """Approvals and locks of the KPI hold. One that is computed takes none: 409."""
        return baseline._enter_measurement(
            body.measurement_date, body.value, body.notes
        )

    list_measurements = MEASUREMENTS.list(
        "Values of a KPI",
        sortable="measurement_date",
        first=Filter("measurement_date", ">=", Day),
        last=Filter("measurement_date", "<=", Day),
    )


def _prepare(body, baselines):
    """Values to write; shares replace all that are there."""
    values = read_values(body, baselines)
    if body.shares is not None:
        rows = [Command.create(each.model_dump()) for each in body.shares]
        values["share_ids"] = [Command.clear(), *rows]
    return values
