from functools import partial

from odoo import http

from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.rows import read_values
from odoo.addons.kpi_base.schemas.base import Filter, Id

from ..schemas import initiative as schemas

# Records of this family are changed by PUT, though what a body does not name stays.
BenefitResource = partial(Resource, scope="benefits", changed_by="PUT")
INITIATIVES = BenefitResource(
    "/api/benefits/initiatives/<kpi_id:initiative_id>", schemas.InitiativeOut
)
LEAKAGES = BenefitResource(
    "/api/benefits/leakages/<kpi_id:leakage_id>", schemas.LeakageOut
)
# after the path of what belongs to an initiative
OF_INITIATIVE = "initiative/<kpi_id:initiative_id>"


class BenefitsApi(
    RestPrefix, http.Controller, prefix="/api/benefits", title="Benefits API"
):
    """The family of paths of initiatives and their benefits."""


class KpiInitiativeApi(http.Controller):
    """Initiatives: who sees one on the screens sees it here, and changes it alike."""

    list_initiatives = INITIATIVES.list(
        "Initiatives",
        "status owner_id sponsor_id reference active",
        sortable="name status planned_go_live_date go_live_date created_at",
        parent_id=Filter(
            "parent_id", "child_of", Id, "A program: itself and all below it"
        ),
        department_id=Filter(
            "department_id", "child_of", Id, "With the departments below it"
        ),
        text=Filter(
            "display_name", "ilike", description="Part of the name or the reference"
        ),
    )
    get_initiative = INITIATIVES.get("One initiative")

    @INITIATIVES.post(
        "Propose an initiative",
        schemas.InitiativeIn,
        example={
            "name": "Invoices without paper",
            "planned_go_live_date": "2027-01-01",
        },
    )
    def create_initiative(self, initiatives, body):
        """It is approved, delivered and closed on the screens."""
        return initiatives.create(read_values(body, initiatives))

    @INITIATIVES.change(
        "Change an initiative",
        schemas.InitiativeChange,
        example={"planned_go_live_date": "2027-03-01"},
    )
    def change_initiative(self, initiative, body):
        """What the body does not name stays. With “If-Match” only if it has not
        changed since."""
        initiative.write(read_values(body, initiative))


class KpiLeakageApi(http.Controller):
    """Value leakages, with the same rights as on the screens."""

    get_leakage = LEAKAGES.get("One value leakage")

    @LEAKAGES.post(
        "Report a value leakage",
        schemas.LeakageIn,
        example={
            "benefit_id": 1,
            "name": "Technicians go on using paper forms",
            "estimated_impact": 12000.0,
            "evidence": "40% of the forms of March were scanned.",
        },
    )
    def create_leakage(self, leakages, body):
        """Of a benefit, or of an initiative; it is identified first."""
        return leakages.create(read_values(body, leakages))

    @LEAKAGES.change(
        "Change a value leakage, or move it on",
        schemas.LeakageChange,
        example={"status": "mitigating", "mitigation_plan": "Train both sites"},
    )
    def change_leakage(self, leakage, body):
        """What the body does not name stays. With “If-Match” only if it has not
        changed since."""
        leakage.write(read_values(body, leakage))

    @LEAKAGES.list(
        "Value leakages of an initiative",
        "benefit_id severity status kind is_open",
        sortable="severity status estimated_impact lost_value closed_on created_at"
        " updated_at",
        path=f"{LEAKAGES.path}/{OF_INITIATIVE}",
        parts=schemas.PARTS,
    )
    def list_leakages(self, initiative_id, query):
        """Its own; with “parts” also those of the initiatives below it."""
        return INITIATIVES.find(initiative_id)._get_list_domain(query.parts)
