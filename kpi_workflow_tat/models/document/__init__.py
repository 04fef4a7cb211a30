"""Records of Odoo that requests are about, and where people may ask from."""

from . import kpi_tat_document_type
from . import kpi_tat_request
