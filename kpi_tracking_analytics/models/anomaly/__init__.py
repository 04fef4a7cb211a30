"""Values that are further from their forecasts than chance has them."""

from . import kpi_anomaly
from . import kpi_user_link
