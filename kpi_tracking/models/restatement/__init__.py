"""Closed periods whose values became others after people had read them."""

from . import kpi_restatement
