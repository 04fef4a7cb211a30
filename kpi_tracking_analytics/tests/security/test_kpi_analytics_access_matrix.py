from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin

from .analytics_access_case import AnalyticsAccessCase
from .analytics_access_oracle import ORACLE

NEW_VALUES = {
    "kpi.trend.analysis": {"streak": 7},
    "kpi.predictive.analytics": {"prediction_model": "seasonal"},
    "kpi.predictive.point": {"value": 7.0},
    "kpi.predictive.total": {"value": 7.0},
    "kpi.anomaly": {"state": "confirmed"},
}


@tagged("post_install", "-at_install")
class TestKpiAnalyticsAccessMatrix(AccessMatrixMixin, AnalyticsAccessCase):
    """Who may do what with trends and forecasts."""

    addon = "kpi_tracking_analytics"
    oracle = ORACLE
    new_values = NEW_VALUES
