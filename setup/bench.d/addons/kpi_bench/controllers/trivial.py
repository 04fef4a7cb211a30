from odoo import http


class TrivialController(http.Controller):
    @http.route(
        "/kpi_bench/trivial",
        type="http",
        auth="bearer",
        methods=["GET"],
        readonly=True,
        save_session=False,
    )
    def trivial(self):
        """The least that a request with one of Odoo's keys can cost."""
        return "ok"
