from odoo import http

from ..rest.route import route
from ..rest.rows import find_record, read_page, row
from ..schemas.change import ChangeQuery, ChangesQuery

MODEL = "kpi.approval.change"
PATH = "/api/kpi/changes"


class KpiChangeApi(http.Controller):
    """Proposed changes: what became of what another system sent."""

    @route(PATH, summary="Proposed changes", query=ChangesQuery)
    def list_changes(self, query):
        """Those about records that the key may see."""
        return read_page(MODEL, query)

    @route(
        f"{PATH}/<kpi_id:change_id>", summary="One proposed change", query=ChangeQuery
    )
    def get_change(self, change_id, query):
        return row(find_record(MODEL, change_id), query)
