"""Power BI: a dataset is asked to read its KPIs again.

https://learn.microsoft.com/rest/api/power-bi/datasets/refresh-dataset-in-group
"""

from datetime import timedelta

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import _lt
from ..engine.oauth import Client, ask_as_client
from .adapter import Adapter


class PowerBi(Adapter):
    """Reads our OData feed itself; as a service principal we say when."""

    kind = "push"
    name = "Power BI"
    icon = "fa-bar-chart"
    gives = _lt("Dataset refresh when KPIs change, up to 8 times daily.")
    needs = _lt(
        "Service principal with write access to the workspace, and a dataset on "
        "the OData feed."
    )
    options = (
        TargetOption("tenant", _lt("Tenant ID"), "text"),
        TargetOption("client", _lt("Client ID"), "text"),
        TargetOption("workspace", _lt("Workspace ID"), "text"),
        TargetOption("dataset", _lt("Dataset ID"), "text"),
    )
    least_pause = timedelta(hours=3)  # 8 a day are all that shared capacity has
    scope = "https://analysis.windows.net/powerbi/api/.default"
    origin = "https://api.powerbi.com"
    login = "https://login.microsoftonline.com"

    def sign_in(self):
        tenant, client, workspace, dataset = (
            self.read_id(self.read_text(option.key)) for option in self.options
        )
        question = ask_as_client(Client(client, self.credentials), self.scope)
        address = f"{self.login}/{tenant}/oauth2/v2.0/token"
        self.caller.sign(self.caller.fetch_token(address, question).access)
        group = f"{self.origin}/v1.0/myorg/groups/{workspace}"
        self.address = f"{group}/datasets/{dataset}"

    def test(self):
        return self.require(self.caller.get(self.address), "name", str)

    def push(self):
        self.caller.tell(
            f"{self.address}/refreshes", {"notifyOption": "NoNotification"}
        )
