"""What is done at stored moments: sweeps, and the thread that wakes for them."""

from . import kpi_timer
