"""Screens that are open hear what has changed: ids only, over Odoo's bus.

Who may listen to what is in ``ir_websocket``, and how addons add channels of their own;
what a screen then asks for anew is not here.
"""

from . import bus_bus
from . import kpi_report
from . import ir_websocket
