"""Who may do what with discussions and actions, written down by hand.

The people and KPIs are those of ``access_oracle.py``: who sees a KPI sees what is said
of it, and opens discussions of it. Those of ``shared`` and ``uma`` were opened by Uma
and by Mark, all others by nobody of them. Uma does the actions of the same two.
"""

from odoo.addons.kpi_tracking.tests.security.access_oracle import LED, OFFICERS, SEEN

CHANGED = {**LED, "user": {"shared"}}
DONE = {**LED, "user": {"shared", "uma"}}

ORACLE = {
    "kpi.action.item": {
        "read": SEEN,
        "write": DONE,
        "create": SEEN,
        "unlink": OFFICERS,
    },
    "kpi.discussion": {
        "read": SEEN,
        "write": CHANGED,
        "create": SEEN,
        "unlink": OFFICERS,
    },
}
DIALOGS = {}
