import time

from odoo.http import Controller, request, route

from odoo.addons.kpi_base.rest.link_page import (
    answer_template,
    answer_too_many,
    count_visit,
    slow_down,
)

from ..models.routing.kpi_alert_event import PATH


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
        wait = count_visit("kpi.alert.event")
        if wait:
            return answer_too_many(wait)
        # A visitor has no user: the link says whose rights count.
        events = request.env["kpi.alert.event"].sudo()
        opened = events._open_acknowledge_link(text)
        if not opened:
            slow_down(started)
            lang = request.best_lang or "en_US"
            return self._render(events.with_context(lang=lang), status=404)
        # Odoo calls this for OPTIONS, too, and asks for no CSRF token then.
        waiting = opened._find_to_acknowledge()
        if request.httprequest.method == "POST" and waiting:
            waiting.action_acknowledge()
            return request.redirect(request.httprequest.path, code=303)
        return self._render(opened)

    def _render(self, events, status=200):
        values = {"event": events._describe_page() if events else None}
        return answer_template(
            "kpi_tracking_alert.acknowledge_page",
            values,
            events.env.lang or "en_US",
            status,
        )
