"""What will probably miss its target, on the overview."""

from . import kpi_home
