"""What is done at stored moments: sweeps, and the thread that wakes for them."""

from . import kpi_timer
from . import kpi_timer_failure
from . import kpi_delivery
