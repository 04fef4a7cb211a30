"""Initiatives from files, and to programs."""

from . import kpi_import_initiative
