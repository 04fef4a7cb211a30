import time

from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route

from odoo.addons.kpi_base.rest.link_page import (
    answer,
    answer_too_many,
    get_visitor_lang,
    slow_down,
)

BUNDLE = "kpi_tracking_dashboard.assets_share"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self';"
    " style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class KpiShare(Controller):
    """A dashboard for whoever has a link to it.

    Whoever is logged in is nobody here: the link alone says what is seen.
    """

    @route(
        "/kpi/share/<kpi_any:text>",
        type="http",
        auth="none",
        methods=["GET"],
        readonly=True,
        save_session=False,
        sitemap=False,
    )
    def page(self, text):
        started = time.monotonic()
        # A visitor has no user: what may be seen is decided by the link's maker.
        shares = request.env(user=SUPERUSER_ID)["kpi.dashboard.share"].sudo()
        share_id, wait = shares._open_link(text, request.httprequest.remote_addr or "")
        if wait:
            return answer_too_many(wait, POLICY)
        page = shares.browse(share_id)._page() if share_id else None
        if page:
            return render_page("kpi_tracking_dashboard.share_page", page)
        response = render_page(
            "kpi_tracking_dashboard.share_gone", get_visitor_lang(), 404
        )
        slow_down(started)
        return response


def render_page(template, values, status=200):
    views = request.env(user=SUPERUSER_ID, context={"lang": values["code"]})
    qweb = views["ir.qweb"]
    assets = {
        "styles": qweb._get_asset_links(BUNDLE, js=False, debug=""),
        "scripts": qweb._get_asset_links(BUNDLE, css=False, debug=""),
    }
    body = qweb._render(template, {**assets, **values})
    return answer(body, POLICY, status)
