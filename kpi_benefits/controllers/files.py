from werkzeug.exceptions import BadRequest, NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.kpi_base.engine.nesting import load_json
from odoo.addons.kpi_base.table_files import MIME_TYPES, answer_file


class KpiBenefitFiles(http.Controller):
    """The dashboard and reviews as files, with the user's rights."""

    @http.route("/kpi_benefits/portfolio", type="http", auth="user", readonly=True)
    def download_portfolio(self, options="{}"):
        """The initiatives of the dashboard as a spreadsheet."""
        portfolio = request.env["kpi.benefit.portfolio"]
        try:
            content = portfolio._write_xlsx(load_json(options))
        except (ValueError, UserError) as error:
            raise BadRequest(str(error)) from error
        name = f"{portfolio.env._('Benefits')}.xlsx"
        return answer_file(name, MIME_TYPES["xlsx"], content)

    @http.route(
        "/kpi/benefits/reviews/<kpi_id:review_id>/<string:file_format>",
        type="http",
        auth="user",
        readonly=True,
    )
    def download_review(self, review_id, file_format):
        """A review with the figures that the user may see."""
        review = request.env["kpi.post.implementation.review"].search(
            [("id", "=", review_id)]
        )
        if not review or file_format not in ("pdf", "html"):
            raise NotFound()
        return answer_file(*review._get_file(file_format))
