from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    reference,
    row,
    verify_unchanged,
)

from ..schemas.definition import (
    DefinitionChange,
    DefinitionIn,
    DefinitionOut,
    DefinitionQuery,
    DefinitionsQuery,
    UsesOut,
)

MODEL = "kpi.definition"
PATH = "/api/kpi/definitions"
ONE = f"{PATH}/<kpi_id:definition_id>"


class KpiDefinitionApi(http.Controller):
    """Routes of KPI definitions."""

    @route(PATH, summary="KPI definitions", query=DefinitionsQuery)
    def list_definitions(self, query):
        return read_page(MODEL, query)

    @route(ONE, summary="One definition", query=DefinitionQuery)
    def get_definition(self, definition_id, query):
        return row(find_record(MODEL, definition_id), query)

    @route(
        PATH,
        methods=["POST"],
        summary="Define a KPI whose values are entered",
        body=DefinitionIn,
        response=DefinitionOut,
        status=201,
        example={"name": "Customers visited", "code": "visits", "frequency": "day"},
    )
    def create_definition(self, body):
        """Open to those who may define KPIs in Odoo: KPI officers."""
        values = body.model_dump(exclude_none=True)
        return row(request.env[MODEL].create(values), DefinitionQuery())

    @route(
        ONE,
        methods=["PATCH"],
        summary="Change a definition",
        body=DefinitionChange,
        response=DefinitionOut,
        example={"name": "Customers visited at home"},
    )
    def change_definition(self, definition_id, body):
        """With “If-Match” only if nobody has changed it since."""
        definition = verify_unchanged(
            find_record(MODEL, definition_id), DefinitionQuery()
        )
        definition.write(body.model_dump(exclude_unset=True))
        return row(definition, DefinitionQuery())

    @route(f"{ONE}/uses", summary="What uses a KPI", response=UsesOut)
    def list_uses(self, definition_id):
        """What would follow if it changed or went: formulas over any number of steps,
        targets, scorecards, tables, emails, dashboards, links. Of what the key may not
        see only the number is told."""
        definition = find_record(MODEL, definition_id)
        return {"definition": reference(definition), "items": definition.get_uses()}

    @route(ONE, methods=["DELETE"], summary="Delete a definition that was never used")
    def remove_definition(self, definition_id):
        """A KPI that has values, is tracked or stands in a formula stays: archive it by
        a change of “active”. With “If-Match” only if nobody has changed it since."""
        verify_unchanged(find_record(MODEL, definition_id), DefinitionQuery()).unlink()
