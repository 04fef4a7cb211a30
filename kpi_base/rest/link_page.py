"""Pages for whoever has a link: limits and headers, the same for all of them.

Whoever is logged in is nobody there, unless the page asks; the link says whose rights
count. Mail programs and scanners open links, so that looking at a page does nothing.
"""

import time
from math import ceil

from markupsafe import Markup

from odoo.http import request

LEAST_SECONDS = 0.1  # of a refusal, so that its reason does not show in its time
VISITS_PER_MINUTE = 60  # of an address
# Of a page that has a form, and needs no script.
FORM_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


def answer(body, policy: str = FORM_POLICY, status: int = 200, **headers: str):
    """The response with a page, or with nothing.

    :param policy: its Content-Security-Policy
    """
    headers = {**_HEADERS, "Content-Security-Policy": policy, **headers}
    return request.make_response(body, headers=list(headers.items()), status=status)


def answer_template(template: str, values: dict, lang: str, status: int = 200):
    """The response with a page that has a form, as a template makes it.

    :param values: of the template; it also gets what a page in a language needs
    """
    known = {"csrf_token": request.csrf_token(), **get_visitor_lang(lang)}
    return answer(render(template, {**known, **values}, lang), status=status)


def render(template: str, values: dict, lang: str | None = None) -> Markup:
    """A whole page as its template makes it."""
    # Pages are the same for all; what this one says was read as somebody.
    views = request.env["ir.qweb"].sudo().with_context(lang=lang)
    return Markup("<!DOCTYPE html>\n") + views._render(template, values)


def answer_too_many(seconds: float, policy: str = FORM_POLICY):
    """The response to an address that has to wait."""
    return answer("", policy, 429, **{"Retry-After": str(ceil(seconds))})


def slow_down(started: float) -> None:
    """Have a refusal take as long as any other.

    :param started: ``time.monotonic()`` when the request came
    """
    time.sleep(max(0.0, LEAST_SECONDS - (time.monotonic() - started)))


def count_visit(name: str) -> float:
    """Count a visit of the address that asks.

    :param name: what is counted together, such as a model
    :return: seconds to wait after too many; 0 = none
    """
    # Counting is the engine's, on a connection of its own.
    counter = request.env["kpi.api.counter"].sudo()
    with counter._side_cursor() as cr:
        address = request.httprequest.remote_addr or ""
        most = VISITS_PER_MINUTE
        return counter._take(cr, f"{name} {address}", most, most / 60)


def get_visitor_lang(lang: str = "") -> dict:
    """Code and direction of a language: the browser's, where none is given."""
    # Which languages Odoo speaks is no secret.
    langs = request.env["res.lang"].sudo()
    found = langs._get_data(code=lang or request.best_lang or "en_US")
    return {"code": found.code or "en_US", "direction": found.direction or "ltr"}
