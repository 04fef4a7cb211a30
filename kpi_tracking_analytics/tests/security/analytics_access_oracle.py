"""Who may do what with trends and forecasts, written down by hand.

The people and KPIs are those of ``access_oracle.py``: who sees a KPI sees what was
worked out of it.
"""

from odoo.addons.kpi_base.tests.security.access_oracle import NOBODY, READ_ONLY
from odoo.addons.kpi_tracking.tests.security.access_oracle import OFFICERS, SEEN

ORACLE = {
    "kpi.trend.analysis": {"read": SEEN, **READ_ONLY},
    # Officers choose the method.
    "kpi.predictive.analytics": {
        "read": SEEN,
        "write": OFFICERS,
        "create": NOBODY,
        "unlink": NOBODY,
    },
    "kpi.predictive.point": {"read": SEEN, **READ_ONLY},
    "kpi.predictive.total": {"read": SEEN, **READ_ONLY},
    "kpi.anomaly": {"read": SEEN, **READ_ONLY},
}
