"""Intervals of which people enter the last day; loaded after what logs them."""

from odoo import models


class KpiDealSplit(models.Model):
    _name = "kpi.deal.split"
    _inherit = ["kpi.last.day.mixin", "kpi.deal.split"]


class KpiCommissionPlan(models.Model):
    _name = "kpi.commission.plan"
    _inherit = ["kpi.last.day.mixin", "kpi.commission.plan"]


class KpiCommissionStatement(models.Model):
    _name = "kpi.commission.statement"
    _inherit = ["kpi.last.day.mixin", "kpi.commission.statement"]
