from odoo import http

from odoo.addons.kpi_base.rest.resource import answer_waiting
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, reference, verify_named
from odoo.addons.kpi_base.schemas.change import ChangeOut

from ..schemas.version import VersionIn, VersionsOut

PATH = "/api/kpi/definitions/<kpi_id:definition_id>/versions"


class KpiVersionApi(http.Controller):
    """Routes of how a KPI is computed, and since when."""

    @route(PATH, summary="How a KPI is computed, and was", response=VersionsOut)
    def list_versions(self, definition_id):
        """Filters are shown to who may read the records that they choose."""
        return _versions_of(find_record("kpi.definition", definition_id))

    @route(
        PATH,
        methods=["POST"],
        summary="Compute a KPI in another way, from a period on",
        body=VersionIn,
        response=VersionsOut,
        status=201,
        proposal=ChangeOut,
        example={
            "valid_from": "2026-11-01",
            "reason": "Drafts do not count",
            "method": {"domain": "[('state', '!=', 'draft')]"},
        },
    )
    def change_version(self, definition_id, body):
        """Open to KPI officers. Values before that day stay; one from a day from which
        there is a version already replaces it. Equal values change nothing. Where
        formulas need approval it is proposed."""
        definition = find_record("kpi.definition", definition_id)
        day = None if body.valid_from == "all" else body.valid_from
        values = body.method.model_dump(exclude_unset=True)
        verify_named(values, definition)
        change = definition._change_or_propose(values, day, body.reason)
        return answer_waiting(change) or _versions_of(definition)


def _versions_of(definition):
    return {"definition": reference(definition), "items": definition._list_versions()}
