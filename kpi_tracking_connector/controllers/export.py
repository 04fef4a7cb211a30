"""Links to files, for programs that have no key."""

import base64
import time

from odoo import SUPERUSER_ID, http
from odoo.http import request

from odoo.addons.kpi_base.rest.link_page import (
    answer,
    answer_too_many,
    count_visit,
    slow_down,
)

from ..models.kpi_bi_export import LINK


class KpiBiExportLink(http.Controller):
    """A link opens one file, until it ends."""

    @http.route(
        f"{LINK}/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
    )
    def download(self, token):
        started = time.monotonic()
        if wait := count_visit("kpi.bi.export"):
            return answer_too_many(wait)
        # Whoever has the link has no user here: the link says which file it opens.
        export = request.env(user=SUPERUSER_ID)["kpi.bi.export"]._open(token)
        if not export:
            slow_down(started)
            return answer("", status=404)
        headers = {
            "Content-Type": "application/gzip",
            "Content-Disposition": http.content_disposition(export.file_name),
        }
        return answer(base64.b64decode(export.file), **headers)
