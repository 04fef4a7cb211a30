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

from ..schemas.initiative import (
    InitiativeChange,
    InitiativeIn,
    InitiativeOut,
    InitiativeQuery,
    InitiativesQuery,
    LeakageChange,
    LeakageIn,
    LeakageOut,
    LeakageQuery,
    LeakagesQuery,
)

MODEL = "kpi.initiative"
PATH = "/api/benefits/initiatives"
ONE = f"{PATH}/<kpi_id:initiative_id>"
READ, WRITE = "benefits.read", "benefits.write"
# of the routes that create and change records, and of those that a body only asks
CREATE = {"methods": ["POST"], "scope": WRITE, "status": 201}
CHANGE = {"methods": ["PUT"], "scope": WRITE}
ASK = {"methods": ["POST"], "scope": READ, "is_safe": True}
NAMED = {
    "company_id": "res.company",
    "department_id": "hr.department",
    "owner_id": "res.users",
    "parent_id": MODEL,
    "sponsor_id": "res.users",
}
BENEFIT = "kpi.benefit.realization"
LEAKAGE = "kpi.value.leakage"
LEAKAGES = "/api/benefits/leakages"
ONE_LEAKAGE = f"{LEAKAGES}/<kpi_id:leakage_id>"
NAMED_BY_LEAKAGE = {"benefit_id": BENEFIT, "initiative_id": MODEL}


class BenefitsApi(
    RestPrefix, http.Controller, prefix="/api/benefits", title="Benefits API"
):
    """The family of paths of initiatives and their benefits."""


class KpiInitiativeApi(http.Controller):
    """Initiatives: who sees one on the screens sees it here, and changes it alike."""

    @route(PATH, scope=READ, summary="Initiatives", query=InitiativesQuery)
    def list_initiatives(self, query):
        return read_page(MODEL, query)

    @route(ONE, scope=READ, summary="One initiative", query=InitiativeQuery)
    def get_initiative(self, initiative_id, query):
        return row(find_record(MODEL, initiative_id), query)

    @route(
        PATH,
        **CREATE,
        summary="Propose an initiative",
        body=InitiativeIn,
        response=InitiativeOut,
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
        **CHANGE,
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


class KpiLeakageApi(http.Controller):
    """Value leakages: seen and changed here by whom they are on the screens."""

    @route(
        LEAKAGES,
        **CREATE,
        summary="Report a value leakage",
        body=LeakageIn,
        response=LeakageOut,
        example={
            "benefit_id": 1,
            "name": "Technicians go on using paper forms",
            "estimated_impact": 12000.0,
            "evidence": "40 % of the forms of March were scanned.",
        },
    )
    def create_leakage(self, body):
        """Of a benefit, or of an initiative; it is identified first."""
        leakages = request.env[LEAKAGE]
        made = leakages.create(read_values(body, NAMED_BY_LEAKAGE, records=leakages))
        return row(made, LeakageQuery())

    @route(ONE_LEAKAGE, scope=READ, summary="One value leakage", query=LeakageQuery)
    def get_leakage(self, leakage_id, query):
        return row(find_record(LEAKAGE, leakage_id), query)

    @route(
        ONE_LEAKAGE,
        **CHANGE,
        summary="Change a value leakage, or move it on",
        body=LeakageChange,
        response=LeakageOut,
        example={"status": "mitigating", "mitigation_plan": "Train both sites"},
    )
    def change_leakage(self, leakage_id, body):
        """What the body does not name stays. With “If-Match” only if nobody has
        changed it since."""
        found = find_record(LEAKAGE, leakage_id)
        verify_unchanged(found, LeakageQuery())
        found.write(read_values(body, NAMED_BY_LEAKAGE, records=found))
        return row(found, LeakageQuery())

    @route(
        f"{LEAKAGES}/initiative/<kpi_id:initiative_id>",
        scope=READ,
        summary="Value leakages of an initiative",
        query=LeakagesQuery,
    )
    def list_leakages(self, initiative_id, query):
        """Its own; with “parts” also those of the initiatives below it."""
        initiative = find_record(MODEL, initiative_id)
        return read_page(LEAKAGE, query, initiative._get_list_domain(query.parts))
