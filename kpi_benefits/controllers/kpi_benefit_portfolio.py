from werkzeug.exceptions import BadRequest

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from odoo.addons.kpi_base.engine.nesting import load_json
from odoo.addons.kpi_base.table_files import MIME_TYPES


class KpiBenefitPortfolioController(http.Controller):
    @http.route("/kpi_benefits/portfolio", type="http", auth="user", readonly=True)
    def download(self, options="{}"):
        """The initiatives of the dashboard as a spreadsheet, with the user's rights."""
        portfolio = request.env["kpi.benefit.portfolio"]
        try:
            content = portfolio._write_xlsx(load_json(options))
        except (ValueError, UserError) as error:
            raise BadRequest(str(error)) from error
        name = f"{portfolio.env._('Benefits')}.xlsx"
        headers = [
            ("Content-Type", MIME_TYPES["xlsx"]),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "private, no-store"),
        ]
        return request.make_response(content, headers)
