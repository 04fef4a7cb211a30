"""Tableau: an extract is asked to read its KPIs again.

https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_data_sources.htm#update_data_source_now
"""

from datetime import timedelta

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import _lt
from .adapter import Adapter, require, require_id

VERSION = "3.24"


class Tableau(Adapter):
    """Reads OData or PostgreSQL itself; with a personal access token we say when."""

    kind = "push"
    name = "Tableau"
    icon = "fa-area-chart"
    gives = _lt("An extract that is refreshed when its KPIs change, every 3 hours.")
    needs = _lt(
        "A personal access token of Tableau; and a published data source that reads the"
        " OData feed."
    )
    least_pause = timedelta(hours=3)

    @classmethod
    def asks(cls):
        return [
            TargetOption("server", _lt("Server"), "text"),
            TargetOption("site", _lt("Site"), "text"),
            TargetOption("token", _lt("Name of the Token"), "text"),
            TargetOption("source", _lt("ID of the Data Source"), "text"),
        ]

    @classmethod
    def test(cls, caller, settings):
        found = caller.get(cls._sign_in(caller, settings))
        return require(caller, require(caller, found, "datasource", dict), "name", str)

    @classmethod
    def push(cls, caller, settings):
        caller.tell(f"{cls._sign_in(caller, settings)}/refresh", {})

    @classmethod
    def _sign_in(cls, caller, settings):
        """The address of the data source, which ``caller`` may call then."""
        names = ("server", "site", "token")
        server, site, token = ((settings.get(name) or "").strip() for name in names)
        source = require_id(caller, settings.get("source"))
        if "://" not in server:
            server = f"https://{server}"
        api = f"{server.rstrip('/')}/api/{VERSION}"
        question = {
            "credentials": {
                "personalAccessTokenName": token,
                "personalAccessTokenSecret": caller.secrets[0],
                "site": {"contentUrl": site},
            }
        }
        # not signed yet, and in JSON: else it answers in XML
        caller.headers = {"Accept": "application/json"}
        answer = caller.post(f"{api}/auth/signin", question)
        granted = require(caller, answer, "credentials", dict)
        key = require(caller, granted, "token", str)
        site = require(caller, granted, "site", dict)
        where = require_id(caller, require(caller, site, "id", str))
        caller.sign("X-Tableau-Auth", key, key)
        return f"{api}/sites/{where}/datasources/{source}"
