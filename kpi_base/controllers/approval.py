import time

from markupsafe import Markup

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from ..models.approval.kpi_approval_link import PATH
from ..rest.link_page import answer, answer_too_many, get_visitor_lang, slow_down

DECIDE, DIRECT = f"{PATH}/decide", f"{PATH}/direct"


class KpiApprovalPage(Controller):
    """The page that a message links to, on which its receiver decides.

    Mail programs and scanners open links, so that looking at it does nothing. Odoo
    calls these methods for OPTIONS, too: they ask for the method themselves.
    """

    @route(
        f"{PATH}/<kpi_any:text>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
    )
    def page(self, text):
        return self._answer(text)

    @route(DECIDE, type="http", auth="user", methods=["POST"], sitemap=False)
    def decide(self, token="", decision="", comment=""):
        """Decide after a login, by an ordinary form of Odoo."""
        return self._answer(token, decision, comment)

    @route(
        DIRECT,
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        sitemap=False,
    )
    def decide_directly(self, token="", decision="", comment=""):
        """Decide without a session, which could hold no token of Odoo: the text of the
        link in the body says that the form was sent on purpose."""
        return self._answer(token, decision, comment, is_direct=True)

    def _answer(self, text, decision="", comment="", is_direct=False):
        started = time.monotonic()
        # A visitor has no user: the link says whose rights count.
        links = request.env["kpi.approval.link"].with_user(SUPERUSER_ID)
        link_id, wait = links._open_link(text, request.httprequest.remote_addr or "")
        if wait:
            return answer_too_many(wait)
        link = links.browse(link_id)
        if link and not link._is_direct():
            if is_direct or (request.session.uid not in (None, link.user_id.id)):
                link = links.browse()
            elif not request.session.uid:
                return request.redirect_query(
                    "/web/login", {"redirect": f"{PATH}/{text}"}
                )
        page, reason = None, ""
        if link:
            if decision and request.httprequest.method == "POST":
                reason = self._decide(link, decision, comment)
            page = link._describe_page(reason, comment)
        if not page:
            slow_down(started)
        return self._render(link, page, text)

    def _decide(self, link, decision, comment):
        try:
            with request.env.cr.savepoint():
                return link._decide(decision, comment)
        except UserError as error:
            return str(error)

    def _render(self, link, page, text):
        lang = link.user_id.lang if page else request.best_lang
        # Pages are the same for all; what they say is read as the person.
        views = request.env["ir.qweb"].sudo().with_context(lang=lang)
        is_direct = bool(page) and link._is_direct()
        body = views._render(
            "kpi_base.approval_page",
            {
                "page": page,
                "text": text,
                "action": DIRECT if is_direct else DECIDE,
                "csrf_token": False if is_direct else request.csrf_token(),
                **get_visitor_lang(lang or "en_US"),
            },
        )
        page_text = Markup("<!DOCTYPE html>\n") + body
        return answer(page_text, status=200 if page else 404)
