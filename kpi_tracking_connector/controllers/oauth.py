"""Sign-in of assistants in the browser, by the authorization that MCP names."""

import json
import time
from dataclasses import replace
from http import HTTPStatus

from odoo import SUPERUSER_ID, http
from odoo.http import Response, request

from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.rest.body import read_bytes
from odoo.addons.kpi_base.rest.link_page import (
    FORM_POLICY,
    answer,
    answer_too_many,
    count_visit,
    get_visitor_lang,
    render,
)
from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.roles import USER

from ..engine.oauth import (
    AUTHORIZE_PATH,
    MCP_PATH,
    PROPOSE_SCOPE,
    READ_SCOPES,
    REGISTER_PATH,
    RESOURCE_PATH,
    REVOKE_PATH,
    SERVER_PATH,
    TOKEN_PATH,
    OAuthError,
    build_return,
    describe_resource,
    describe_server,
    find_redirect,
    read_registration,
    read_request,
    split_redirect,
)
from ..models.kpi_mcp_tool import IS_ON

MAX_REGISTRATION_BYTES = 16_384
REGISTRATIONS_PER_HOUR = 20  # of an address
HOUR_SECONDS = 3600
# Programs send their users on to further addresses, which browsers count as targets of
# the form; nothing on the page lets others add a target.
POLICY = FORM_POLICY.replace(" form-action 'self';", "")
OPEN = {"type": "http", "auth": "public", "save_session": False}


def get_base():
    """The address of the server as the program knows it."""
    return request.httprequest.url_root.rstrip("/")


class KpiOauth(http.Controller):
    """Registration, the page on which a user agrees, and tokens."""

    @http.route([RESOURCE_PATH, f"{RESOURCE_PATH}{MCP_PATH}"], methods=["GET"], **OPEN)
    def get_resource(self, **_given):
        return _json(describe_resource(get_base())) if _is_on() else _json({}, 404)

    @http.route(SERVER_PATH, methods=["GET"], **OPEN)
    def get_server(self, **_given):
        return _json(describe_server(get_base())) if _is_on() else _json({}, 404)

    @http.route(REGISTER_PATH, methods=["POST"], csrf=False, **OPEN)
    def register(self, **_given):
        if not _is_on():
            return _refuse(OAuthError("access_denied", "Assistants are turned off."))
        if wait := _count("register", REGISTRATIONS_PER_HOUR):
            return answer_too_many(wait)
        try:
            content = read_bytes(request.httprequest, MAX_REGISTRATION_BYTES)
            registration = read_registration(content)
        except OAuthError as error:
            return _refuse(error)
        except Problem as problem:
            return _refuse(OAuthError("invalid_client_metadata", problem.description))
        client_id = _sign_ins()._add_client(registration)
        if not client_id:
            return answer_too_many(HOUR_SECONDS)
        content = {
            "client_id": client_id,
            "client_id_issued_at": int(time.time()),
            "client_name": registration.name,
            "redirect_uris": registration.redirects,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }
        return _json(content, HTTPStatus.CREATED)

    @http.route(AUTHORIZE_PATH, type="http", auth="user", methods=["GET", "POST"])
    def authorize(self, **_given):
        """The page with the question, and its answer.

        Anyone can register a program, so that only an answer of the user leads to its
        address, never a mistake in the request.
        """
        if wait := count_visit("kpi.oauth"):
            return answer_too_many(wait, POLICY)
        http_request = request.httprequest
        given = http_request.args.to_dict()
        client = _sign_ins()._find_client(given.get("client_id", ""))
        try:
            if not client:
                text = (
                    "The program is not registered. Remove it there and add it again."
                )
                raise OAuthError("invalid_client", text)
            if len(http_request.args) != len(list(http_request.args.items(multi=True))):
                raise OAuthError("invalid_request", "A parameter was given twice.")
            name, redirects = client
            redirect = find_redirect(given.get("redirect_uri", ""), redirects)
            asked = read_request(given, redirect, get_base())
        except OAuthError as error:
            return _show({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        user = request.env.user
        if not _is_on() or not user._is_internal() or not user.has_group(USER):
            return _show({"is_closed": True}, HTTPStatus.FORBIDDEN)
        if http_request.method == "POST":
            return _go_back(asked, http_request.form)
        end = _sign_ins()._get_end(user)
        return _show(
            {
                "name": name,
                "user": user,
                "host": split_redirect(redirect).netloc,
                "valid_until": format_day(request.env, end.date(), with_year=True),
                "can_propose": PROPOSE_SCOPE in asked.scopes,
                "action": http_request.full_path,
            }
        )

    @http.route(TOKEN_PATH, methods=["POST"], csrf=False, **OPEN)
    def get_token(self, **_given):
        if wait := count_visit("kpi.oauth token"):
            return answer_too_many(wait)
        given = request.httprequest.form.to_dict()
        ways = {
            "authorization_code": _sign_ins()._redeem,
            "refresh_token": _sign_ins()._refresh,
        }
        way = ways.get(given.get("grant_type"))
        try:
            if not way:
                known = " or ".join(ways)
                text = f"grant_type has to be {known}."
                raise OAuthError("unsupported_grant_type", text)
            # What a refusal ends has to stay ended: it is an answer, no exception.
            return _json(way(given, get_base()))
        except OAuthError as error:
            return _refuse(error)

    @http.route(REVOKE_PATH, methods=["POST"], csrf=False, **OPEN)
    def revoke(self, **_given):
        """End a sign-in (RFC 7009); the answer is the same for unknown tokens."""
        if wait := count_visit("kpi.oauth token"):
            return answer_too_many(wait)
        given = request.httprequest.form
        _sign_ins()._revoke(given.get("token", ""), given.get("client_id", ""))
        return _json({})


def _is_on():
    # Settings are the administrators'; whether this is on is no secret.
    return bool(request.env["ir.config_parameter"].sudo().get_param(IS_ON))


def _sign_ins():
    # Programs have no user here; their codes and tokens say whose sign-in it is.
    return request.env(user=SUPERUSER_ID)["kpi.oauth"]


def _count(name, per_hour):
    """Count a request of an address; seconds to wait, 0 for none."""
    # Counting is the engine's, on its own connection.
    counter = request.env["kpi.api.counter"].sudo()
    with counter._side_cursor() as cr:
        subject = f"kpi.oauth {name} {request.httprequest.remote_addr or ''}"
        return counter._take(cr, subject, per_hour, per_hour / HOUR_SECONDS)


def _go_back(asked, form):
    """Back to the program, with a code or the user's refusal."""
    values = {"state": asked.state, "iss": get_base()}
    if form.get("decision") == "allow":
        may_propose = PROPOSE_SCOPE in asked.scopes and form.get("propose")
        scopes = asked.scopes if may_propose else READ_SCOPES
        given = replace(asked, scopes=scopes)
        values["code"] = _sign_ins()._make_code(request.env.user, given)
    else:
        values["error"] = "access_denied"
    address = build_return(asked.redirect, **values)
    response = request.redirect(address, code=HTTPStatus.SEE_OTHER, local=False)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _show(values, status=HTTPStatus.OK):
    lang = request.env.lang or ""
    known = {"csrf_token": request.csrf_token(), **get_visitor_lang(lang)}
    page = render("kpi_tracking_connector.oauth_page", {**known, **values}, lang)
    return answer(page, POLICY, status)


def _refuse(error):
    content = {"error": error.code, "error_description": str(error)}
    return _json(content, HTTPStatus.BAD_REQUEST)


def _json(content, status=HTTPStatus.OK):
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return Response(json.dumps(content), status, headers)
