from odoo.http import Controller, request, route

from odoo.addons.kpi_base.rest.link_page import answer_too_many, count_visit

from ..models.kpi_phone import PATH


class KpiPhoneShown(Controller):
    """What is no call of a method: that a notification was shown."""

    @route(
        f"{PATH}/shown",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        sitemap=False,
    )
    def shown(self, token="", **_form):
        """Note that a phone has shown a notification; its token names it."""
        is_known = request.env["kpi.delivery"]._mark_shown(token)
        if not is_known and (wait := count_visit("kpi.phone")):
            return answer_too_many(wait)
        return request.make_response("", status=204)
