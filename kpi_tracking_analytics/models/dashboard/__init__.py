"""Tiles of dashboards that go on with what is expected."""

from . import kpi_dashboard_tile
