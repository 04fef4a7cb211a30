"""Gauges: how they look, and which KPI is drawn as which.

What draws them is ``static/src/screens/gauge``.
"""

from . import kpi_gauge_widget
