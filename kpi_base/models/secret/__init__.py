"""Secrets that people enter: stored sealed, and shown to nobody."""

from . import kpi_secret
