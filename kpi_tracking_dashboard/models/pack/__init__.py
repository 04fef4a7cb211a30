"""Dashboards in packs, and the ready ones of the gallery.

Packs themselves, and ready KPIs, belong to ``kpi_tracking``.
"""

from . import kpi_pack_dashboards
from . import kpi_gallery_dashboard
