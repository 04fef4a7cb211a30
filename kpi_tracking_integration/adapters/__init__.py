"""Vendors, one file each: no Odoo in them."""

from .adapter import Adapter, Pulled
from .google_sheets import GoogleSheets
from .hubspot import HubSpot
from .salesforce import Salesforce

# by the value of ``integration_type``
ADAPTERS: dict[str, type[Adapter]] = {
    "salesforce": Salesforce,
    "hubspot": HubSpot,
    "google_sheets": GoogleSheets,
}
