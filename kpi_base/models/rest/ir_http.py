from dataclasses import replace

from werkzeug.routing import BaseConverter

from odoo import models
from odoo.exceptions import AccessDenied
from odoo.http import request

from ...engine.rest.openapi import MEBIBYTE
from ...rest.call import OUTSIDE, current_call
from ...rest.dispatcher import KpiRestDispatcher
from ...rest.problem import Problem, is_database_away, unavailable
from ...rest.route import readable
from ...rest.types import RowsQuery

RPC_TYPES = ("jsonrpc", "json2")  # Odoo's own routes, which take files too


class IdConverter(BaseConverter):
    """The id of a record: digits of ASCII, no sign, no leading zero."""

    regex = r"[1-9][0-9]{0,9}"
    to_python = int


class AnyConverter(BaseConverter):
    """Whatever follows, slashes and line ends too."""

    regex = r"[\s\S]*"
    part_isolating = False
    weight = 1_000_000


class IrHttp(models.AbstractModel):
    """Authentication by a key of the REST interface: ``auth="api_key"``."""

    _inherit = "ir.http"

    @classmethod
    def _get_converters(cls):
        converters = super()._get_converters()
        return {**converters, "kpi_id": IdConverter, "kpi_any": AnyConverter}

    def _generate_routing_rules(self, modules, converters):
        """The types of what lists are filtered by are those of this database.

        Our routes take a MEBIBYTE unless they say otherwise: Odoo would parse 128 of
        them for strangers, before the route can refuse anything.
        """
        for url, endpoint in super()._generate_routing_rules(modules, converters):
            declaration = endpoint.routing.get("declaration")
            is_ours = endpoint.func.__module__.startswith("odoo.addons.kpi_")
            if is_ours and endpoint.routing["type"] not in RPC_TYPES:
                limit = declaration.max_body_bytes if declaration else MEBIBYTE
                endpoint.routing.setdefault("max_content_length", limit)
            if declaration and isinstance(declaration.query, RowsQuery):
                query = declaration.query.build(self.env)
                endpoint.routing["declaration"] = replace(declaration, query=query)
            yield url, endpoint

    @classmethod
    def _authenticate(cls, endpoint):
        is_ours = isinstance(request.dispatcher, KpiRestDispatcher)
        current_call().route = readable(endpoint.routing["routes"][0])
        if is_ours and request.httprequest.method == "OPTIONS":
            return cls._auth_method_none()
        try:
            result = super()._authenticate(endpoint)
        except AccessDenied as error:
            # Odoo calls any failure on the way a denial, and then forgets its cause.
            if is_ours and is_database_away(error.__context__):
                raise unavailable() from error
            raise
        if endpoint.routing["auth"] == "api_key":
            scope = endpoint.routing["declaration"].scope
            if scope not in current_call().identity.scopes:
                raise Problem("insufficient-scope")
        return result

    @classmethod
    def _auth_method_api_key(cls):
        """The request runs as the key's user: in the user's language and companies.

        A session of a browser is no key, whoever is logged in.
        """
        request.session.can_save = False
        call = current_call()
        if call.identity is None:
            http = request.httprequest
            kind, _blank, text = http.headers.get("Authorization", "").partition(" ")
            given = {http.headers.get("X-API-Key", "").strip()}
            if kind.lower() == "bearer":
                given.add(text.strip())
            elif http.authorization:  # Basic, whatever the name
                given.add(http.authorization.password or "")
            given.discard("")
            # The keys of all users are looked through, before anybody is anybody.
            keys = request.env["kpi.api.key"].sudo()
            call.identity = keys._authenticate_key(
                given.pop() if len(given) == 1 else "",
                http.remote_addr or "",
            )
        context = {OUTSIDE: not request.httprequest.if_match}
        request.update_env(user=call.identity.user_id, context=context, su=False)
        request.update_context(**request.env.user.context_get())
