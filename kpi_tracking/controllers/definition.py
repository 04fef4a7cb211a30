from odoo import http

from odoo.addons.kpi_base.rest.resource import Resource, answer_waiting
from odoo.addons.kpi_base.rest.rows import reference, verify_named
from odoo.addons.kpi_base.schemas.approval import ChangeOut
from odoo.addons.kpi_base.schemas.base import Filter

from ..schemas import definition as schemas

DEFINITIONS = Resource(
    "/api/kpi/definitions/<kpi_id:definition_id>", schemas.DefinitionOut
)


class KpiDefinitionApi(http.Controller):
    """Routes of KPI definitions."""

    list_definitions = DEFINITIONS.list(
        "KPI definitions",
        "code active category_id computation frequency",
        sortable="code name",
        name=Filter("name", "ilike", description="A part of the name"),
        certification=Filter(
            "certification",
            kind=schemas.Certification,
            description="Certification of its computation",
        ),
    )
    get_definition = DEFINITIONS.get("One definition")

    @DEFINITIONS.post(
        "Define a KPI whose values are entered",
        schemas.DefinitionIn,
        example={"name": "Customers visited", "code": "visits", "frequency": "day"},
    )
    def create_definition(self, definitions, body):
        """Open to those who may define KPIs in Odoo: KPI officers."""
        return definitions.create(body.model_dump(exclude_none=True))

    @DEFINITIONS.change(
        "Change a definition",
        schemas.DefinitionChange,
        example={"name": "Customers visited at home"},
    )
    def change_definition(self, definition, body):
        """With “If-Match” only if it has not changed since."""
        definition.write(body.model_dump(exclude_unset=True))

    @DEFINITIONS.part("uses", "What uses a KPI", response=schemas.UsesOut)
    def list_uses(self, definition):
        """What would follow if it changed or went: formulas over any number of steps,
        targets, scorecards, tables, emails, dashboards, links. Of what the key cannot
        see, only the number is returned."""
        return {"definition": reference(definition), "items": definition.get_uses()}

    @DEFINITIONS.remove("Delete a definition that was never used")
    def remove_definition(self, definition):
        """A KPI that has values, is tracked or used in a formula stays: archive it by
        a change of “active”. With “If-Match” only if it has not changed since."""
        definition.unlink()

    @DEFINITIONS.part(
        "versions", "How a KPI is computed, and was", response=schemas.VersionsOut
    )
    def list_versions(self, definition):
        """Filters are shown to who may read the records that they choose."""
        return _versions_of(definition)

    @DEFINITIONS.part(
        "versions",
        "Compute a KPI in another way, from a period on",
        method="POST",
        body=schemas.VersionIn,
        response=schemas.VersionsOut,
        status=201,
        proposal=ChangeOut,
        example={
            "valid_from": "2026-11-01",
            "reason": "Drafts do not count",
            "method": {"domain": "[('state', '!=', 'draft')]"},
        },
    )
    def change_version(self, definition, body):
        """Open to KPI officers. Earlier values do not change; a version that starts
        on the same day is replaced. Equal values change nothing. Where
        formulas need approval it is proposed."""
        day = None if body.valid_from == "all" else body.valid_from
        values = body.method.model_dump(exclude_unset=True)
        verify_named(values, definition)
        change = definition._change_or_propose(values, day, body.reason)
        return answer_waiting(change) or _versions_of(definition)


def _versions_of(definition):
    return {"definition": reference(definition), "items": definition._list_versions()}
