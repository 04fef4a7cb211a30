"""Discussions and actions as other systems are told of them."""

from . import kpi_webhook
