import time

from markupsafe import Markup

from odoo.http import Controller, request, route

from ..models.routing.kpi_alert_event_token import PATH

LEAST_SECONDS = 0.1  # of a refusal, so that its reason does not show in its time
VISITS_PER_MINUTE = 60  # of an address
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
        " form-action 'self'; frame-ancestors 'none'"
    ),
    "Content-Type": "text/html; charset=utf-8",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


class KpiAlertPage(Controller):
    """The page that a message links to, on which its receiver acknowledges an alert.

    Whoever is logged in is nobody here: the link alone says who acts. Mail programs and
    scanners open links, so that looking at the page does nothing: only its button does.
    """

    @route(
        f"{PATH}/<kpi_any:text>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        sitemap=False,
    )
    def acknowledge(self, text, **_form):
        started = time.monotonic()
        wait = self._count_visit()
        if wait:
            headers = [*HEADERS.items(), ("Retry-After", str(int(-(-wait // 1))))]
            return request.make_response("", headers=headers, status=429)
        # A visitor has no user: the link says whose rights count.
        events = request.env["kpi.alert.event"].sudo()
        event = events._open_acknowledge_link(text)
        if not event:
            time.sleep(max(0.0, LEAST_SECONDS - (time.monotonic() - started)))
            lang = request.best_lang or "en_US"
            return self._render(events.with_context(lang=lang), status=404)
        # Odoo calls this for OPTIONS, too, and asks for no CSRF token then.
        if request.httprequest.method == "POST" and event.state in (
            "firing",
            "snoozed",
        ):
            event.action_acknowledge()
            return request.redirect(request.httprequest.path, code=303)
        return self._render(event)

    def _count_visit(self):
        """Seconds to wait after too many visits of one address; 0 = none."""
        # Counting is the engine's, on a connection of its own.
        counter = request.env["kpi.api.counter"].sudo()
        with counter._side_cursor() as cr:
            address = request.httprequest.remote_addr or ""
            most = VISITS_PER_MINUTE
            return counter._take(cr, f"kpi.alert.event {address}", most, most / 60)

    def _render(self, event, status=200):
        lang = event.env["res.lang"]._get_data(code=event.env.lang or "en_US")
        # Pages are the same for all; what they say of the alert is read as the person.
        views = request.env["ir.qweb"].sudo().with_context(lang=event.env.lang)
        body = views._render(
            "kpi_tracking_alert.acknowledge_page",
            {
                "event": event._describe_page() if event else None,
                "code": lang.code or "en_US",
                "direction": lang.direction or "ltr",
                "csrf_token": request.csrf_token(),
            },
        )
        page = Markup("<!DOCTYPE html>\n") + body
        return request.make_response(page, headers=list(HEADERS.items()), status=status)
