import time

from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route

LEAST_SECONDS = 0.1  # of a refusal, so that its reason does not show in its time
BUNDLE = "kpi_tracking_dashboard.assets_share"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self';"
        " style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


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
            return self._too_many(wait)
        page = shares.browse(share_id)._page() if share_id else None
        if page:
            return self._render_page("kpi_tracking_dashboard.share_page", page)
        response = self._render_page(
            "kpi_tracking_dashboard.share_gone", self._visitor(), 404
        )
        time.sleep(max(0.0, LEAST_SECONDS - (time.monotonic() - started)))
        return response

    def _visitor(self):
        """The language that the visitor's browser asks for, if Odoo speaks it."""
        langs = request.env(user=SUPERUSER_ID)["res.lang"]
        lang = langs._get_data(code=request.best_lang or "en_US")
        return {"code": lang.code or "en_US", "direction": lang.direction or "ltr"}

    def _render_page(self, template, values, status=200):
        views = request.env(user=SUPERUSER_ID, context={"lang": values["code"]})
        qweb = views["ir.qweb"]
        assets = {
            "styles": qweb._get_asset_links(BUNDLE, js=False, debug=""),
            "scripts": qweb._get_asset_links(BUNDLE, css=False, debug=""),
        }
        body = qweb._render(template, {**assets, **values})
        headers = {**HEADERS, "Content-Type": "text/html; charset=utf-8"}
        return request.make_response(body, headers=list(headers.items()), status=status)

    def _too_many(self, seconds):
        retry_after = str(int(-(-seconds // 1)))
        headers = [*HEADERS.items(), ("Retry-After", retry_after)]
        return request.make_response("", headers=headers, status=429)
