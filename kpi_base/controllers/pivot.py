"""Names of the files that pivot tables are downloaded as."""

import json

from odoo import http
from odoo.http import content_disposition
from odoo.tools.osutil import clean_filename

from odoo.addons.web.controllers import pivot


class PivotExport(pivot.TableExporter):
    @http.route()
    def export_xlsx(self, data, **kw):
        """Name the file as its screen; Odoo's name holds that of the model in code."""
        text = data if isinstance(data, str) else data.read()
        response = super().export_xlsx(text, **kw)
        table = json.loads(text)
        if table["model"].startswith("kpi."):
            name = clean_filename(f"{table['title']}.xlsx")
            response.headers["Content-Disposition"] = content_disposition(name)
        return response
