"""Assumptions of benefits: what the plan rests on, and whether it still holds."""

from . import kpi_benefit_assumption
