import time

from odoo import SUPERUSER_ID, http
from odoo.http import request

from odoo.addons.kpi_base.rest.dispatcher import KpiRestDispatcher
from odoo.addons.kpi_base.rest.link_page import answer_template
from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_tracking_alert.engine.webhook_signature import SignatureError

from ..models.kpi_chat_link import PATH

MOST_BYTES = 64 * 1024


class KpiChat(http.Controller):
    """Where chats send the questions of their users."""

    @http.route(
        f"{PATH}/<int:number>",
        type=KpiRestDispatcher.routing_type,
        auth="none",
        methods=["POST"],
        readonly=False,
        save_session=False,
        max_content_length=MOST_BYTES,
    )
    def ask(self, number):
        # A chat has no user: the user who asks is found by the signed content.
        chat = request.env(user=SUPERUSER_ID)["kpi.integration"]._open_chat(number)
        sent = request.httprequest
        body = sent.get_data()
        try:
            if not chat:
                raise SignatureError("no chat")
            answer = chat._answer_chat(sent.headers, body, time.time())
        except SignatureError as fault:
            raise Problem("unauthorized", f"Not signed: {fault}.") from fault
        if answer is None:
            return request.make_response("")
        return request.make_json_response(answer)

    @http.route(
        f"{PATH}/connect/<kpi_any:text>",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        sitemap=False,
    )
    def connect(self, text, **_form):
        """Connect the user of a chat with the user who is logged in.

        Looking at the page does nothing, as that is what a chat does with links.
        """
        user = request.env.user
        # Only the engine links users of a chat with users here.
        link = request.env["kpi.chat.link"].sudo()._open(text)
        is_done = bool(link) and request.httprequest.method == "POST"
        values = {"link": link, "user": user}
        values["code"] = link._make_code(user) if is_done else ""
        values["chat"] = link and link.integration_id.name
        template = "kpi_tracking_integration.chat_connect_page"
        lang = user.lang or "en_US"
        return answer_template(template, values, lang, 200 if link else 404)
