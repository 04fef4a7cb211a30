import secrets
import time

from odoo.http import Controller, request, route

from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.rest.link_page import (
    answer_template,
    answer_too_many,
    get_visitor_lang,
    slow_down,
)

from ..engine.feedback import FeedbackError, read_feedback
from ..models.review.kpi_review_feedback_link import PATH

LINK = f"{PATH}/<kpi_any:text>"


class KpiReviewFeedbackPage(Controller):
    """The page on which stakeholders answer, by a link and without a login.

    Whoever is logged in is nobody here. Mail programs and scanners open links, so that
    looking at the page does nothing; its form has a token of the session and a key, by
    which an answer that is sent twice counts once.
    """

    @route(LINK, type="http", auth="public", methods=["GET", "POST"], sitemap=False)
    def feedback(self, text, **form):
        started = time.monotonic()
        # A visitor has no user: the link says what may be answered.
        links = request.env["kpi.review.feedback.link"].sudo()
        link_id, wait = links._open_link(text, request.httprequest.remote_addr or "")
        if wait:
            return answer_too_many(wait)
        lang = get_visitor_lang()["code"]
        link = links.with_context(lang=lang).browse(link_id or ())
        if not link:
            slow_down(started)
            return self._render(link, status=404)
        # Odoo calls this for OPTIONS, too, and asks for no CSRF token then.
        if request.httprequest.method != "POST":
            return self._render(link)
        try:
            is_stored = link._store_answer(read_feedback(form))
        except FeedbackError as error:
            if error.reason == "key":
                form.pop("key", None)  # the page gets another one
            return self._render(link, form, error.reason, status=422)
        return self._render(link, said="thanks" if is_stored else "full")

    def _render(self, link, form=None, said="", status=200):
        page = link._describe_page() if link else None
        if page:
            page["until"] = format_day(link.env, page["until"])
        form = {"key": secrets.token_urlsafe(24), **(form or {})}
        values = {"page": page, "form": form, "said": said}
        template = "kpi_benefits.review_feedback_page"
        return answer_template(template, values, link.env.lang, status)
