"""Power BI: a dataset is asked to read its KPIs again.

https://learn.microsoft.com/rest/api/power-bi/datasets/refresh-dataset-in-group
"""

from datetime import timedelta

from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import _lt
from ..engine.oauth import Client, ask_as_client
from .adapter import Adapter, fetch_access, require, require_id


class PowerBi(Adapter):
    """Reads our OData feed itself; as a service principal we say when."""

    kind = "push"
    name = "Power BI"
    icon = "fa-bar-chart"
    gives = _lt(
        "A dataset that is refreshed when its KPIs change, up to 8 times a day."
    )
    needs = _lt(
        "A service principal that may write to the workspace: its tenant, ID and"
        " secret; and a dataset that reads the OData feed."
    )
    least_pause = timedelta(hours=3)  # 8 a day are all that shared capacity has
    scope = "https://analysis.windows.net/powerbi/api/.default"
    origin = "https://api.powerbi.com"
    login = "https://login.microsoftonline.com"

    @classmethod
    def asks(cls):
        return [
            TargetOption("tenant", _lt("Tenant ID"), "text"),
            TargetOption("client", _lt("Client ID"), "text"),
            TargetOption("workspace", _lt("Workspace ID"), "text"),
            TargetOption("dataset", _lt("Dataset ID"), "text"),
        ]

    @classmethod
    def test(cls, caller, settings):
        return require(caller, caller.get(cls._sign_in(caller, settings)), "name", str)

    @classmethod
    def push(cls, caller, settings):
        address = cls._sign_in(caller, settings)
        caller.tell(f"{address}/refreshes", {"notifyOption": "NoNotification"})

    @classmethod
    def _sign_in(cls, caller, settings):
        """The address of the dataset, which ``caller`` may call then."""
        tenant, client, workspace, dataset = (
            require_id(caller, settings.get(option.key)) for option in cls.asks()
        )
        question = ask_as_client(Client(client, caller.secrets[0]), cls.scope)
        address = f"{cls.login}/{tenant}/oauth2/v2.0/token"
        token = fetch_access(caller, address, question)
        caller.sign("Authorization", f"Bearer {token}", token)
        return f"{cls.origin}/v1.0/myorg/groups/{workspace}/datasets/{dataset}"
