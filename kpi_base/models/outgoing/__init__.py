"""Calls to addresses that people type, and what administrators allow of them."""

from . import kpi_outgoing
from . import kpi_outgoing_call
from . import res_config_settings
