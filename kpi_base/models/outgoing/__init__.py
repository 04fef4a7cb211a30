"""Calls to addresses that people type, and what administrators allow of them."""

from . import kpi_outgoing
