"""Initiatives from files."""

from . import kpi_import_initiative
from . import kpi_import_initiative_rows
from . import kpi_import_initiative_circles
from . import kpi_import_initiative_writing
from . import kpi_import_options
