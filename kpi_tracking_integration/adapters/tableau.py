"""Tableau: an extract is asked to read its KPIs again.

https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_data_sources.htm#update_data_source_now
"""

from datetime import timedelta

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import _lt
from .adapter import Adapter, complete_address

VERSION = "3.24"


class Tableau(Adapter):
    """Reads OData or PostgreSQL itself; with a personal access token we say when."""

    kind = "push"
    name = "Tableau"
    icon = "fa-area-chart"
    gives = _lt("Extract refresh when KPIs change, at most every 3 hours.")
    needs = _lt("Personal access token, and a published data source on the OData feed.")
    options = (
        TargetOption("server", _lt("Server"), "text"),
        TargetOption("site", _lt("Site"), "text"),
        TargetOption("token", _lt("Token Name"), "text"),
        TargetOption("source", _lt("Data Source ID"), "text"),
    )
    least_pause = timedelta(hours=3)

    @classmethod
    def find_place(cls, settings):
        return complete_address(settings.get("server") or "")

    def sign_in(self):
        source = self.read_id(self.read_text("source"))
        api = f"{self.find_place(self.settings)}/api/{VERSION}"
        question = {
            "credentials": {
                "personalAccessTokenName": self.read_text("token"),
                "personalAccessTokenSecret": self.credentials,
                "site": {"contentUrl": self.read_text("site")},
            }
        }
        self.caller.headers = {"Accept": "application/json"}  # else it is XML
        answer = self.caller.post(f"{api}/auth/signin", question)
        granted = self.require(answer, "credentials", dict)
        site = self.require(self.require(granted, "site", dict), "id", str)
        key = self.require(granted, "token", str)
        self.caller.sign(key, name="X-Tableau-Auth", kind="")
        self.address = f"{api}/sites/{self.read_id(site)}/datasources/{source}"

    def test(self):
        found = self.require(self.caller.get(self.address), "datasource", dict)
        return self.require(found, "name", str)

    def push(self):
        self.caller.tell(f"{self.address}/refresh", {})
