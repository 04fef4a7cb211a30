from odoo import http
from odoo.http import request

from ..schemas.base import Page
from ..schemas.definition import (
    DefinitionChange,
    DefinitionIn,
    DefinitionOut,
    DefinitionQuery,
    DefinitionsQuery,
)
from .rest.route import route
from .rest.rows import found, listed, row, unchanged

MODEL = "kpi.definition"
PATH = "/api/kpi/definitions"
ONE = f"{PATH}/<kpi_id:definition_id>"


class KpiDefinitionApi(http.Controller):
    """What is measured."""

    @route(
        PATH,
        summary="KPIs that are defined",
        query=DefinitionsQuery,
        response=Page[DefinitionOut],
    )
    def list_definitions(self, query):
        return listed(MODEL, query)

    @route(ONE, summary="One definition", query=DefinitionQuery, response=DefinitionOut)
    def get_definition(self, definition_id, query):
        return row(found(MODEL, definition_id), query)

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
        """Who may define KPIs in Odoo may do so here: KPI officers."""
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
        definition = unchanged(found(MODEL, definition_id), DefinitionQuery())
        definition.write(body.model_dump(exclude_unset=True))
        return row(definition, DefinitionQuery())

    @route(ONE, methods=["DELETE"], summary="Delete a definition that was never used")
    def remove_definition(self, definition_id):
        """A KPI that has values, is tracked or stands in a formula stays: archive it by
        a change of “active”. With “If-Match” only if nobody has changed it since."""
        unchanged(found(MODEL, definition_id), DefinitionQuery()).unlink()
