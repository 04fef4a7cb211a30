"""Versions of definitions: how values were computed before, and will be.

What is in force in a period is that of its last day: ``_list_stretches``.
"""

from . import kpi_definition
