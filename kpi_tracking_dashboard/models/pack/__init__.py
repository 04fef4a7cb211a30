"""Dashboards in packs, and the ready ones of the gallery.

Packs themselves, and ready KPIs, belong to ``kpi_tracking``.
"""

from . import kpi_pack
from . import kpi_pack_dashboards
from . import kpi_gallery_dashboard
from . import kpi_gallery_kpi
