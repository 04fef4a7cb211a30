from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request


class KpiReviewFile(http.Controller):
    """Reviews as files."""

    @http.route(
        "/kpi/benefits/reviews/<kpi_id:review_id>/<string:file_format>",
        type="http",
        auth="user",
        readonly=True,
    )
    def download(self, review_id, file_format):
        """A review with the figures that the user may see."""
        review = request.env["kpi.post.implementation.review"].search(
            [("id", "=", review_id)]
        )
        if not review or file_format not in ("pdf", "html"):
            raise NotFound()
        name, mime_type, content = review._get_file(file_format)
        headers = [
            ("Content-Type", mime_type),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "private, no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(content, headers)
