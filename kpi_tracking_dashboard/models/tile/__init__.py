"""Tiles, the cards and notes on them, and what each kind shows of the KPIs read.

How KPIs are read for all tiles at once is in ``reading``.
"""

from . import kpi_dashboard_card
from . import kpi_dashboard_tile
from . import kpi_annotation
from . import kpi_dashboard_tile_cards
