"""Discussions of a KPI in a period: what was seen, decided, and what came of it."""

from . import kpi_discussion
