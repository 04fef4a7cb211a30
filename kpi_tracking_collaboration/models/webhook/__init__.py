"""Discussions, actions and meetings as other systems are told of them."""

from . import kpi_webhook
