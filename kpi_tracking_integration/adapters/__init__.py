"""Vendors, one file each: no Odoo in them."""

from .adapter import Adapter, Pulled
from .google_sheets import GoogleSheets
from .hubspot import HubSpot
from .power_bi import PowerBi
from .salesforce import Salesforce
from .slack import Slack
from .tableau import Tableau
from .teams import Teams
from .web_address import WebAddress

# by the value of ``integration_type``
ADAPTERS: dict[str, type[Adapter]] = {
    "salesforce": Salesforce,
    "hubspot": HubSpot,
    "google_sheets": GoogleSheets,
    "web_address": WebAddress,
    "slack": Slack,
    "teams": Teams,
    "power_bi": PowerBi,
    "tableau": Tableau,
}
