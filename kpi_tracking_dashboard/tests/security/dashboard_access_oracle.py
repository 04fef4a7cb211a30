"""Who may do what with dashboards and notes, written down by hand.

The people and KPIs are those of ``access_oracle.py``, the records those that
``dashboard_access_case.py`` makes.
"""

from odoo.addons.kpi_base.tests.security.access_oracle import (
    ADMINS,
    BOTH,
    BY_OFFICERS,
    DEFINED,
    KNOWN,
    NOBODY,
    READ_ONLY,
    STAFF,
)
from odoo.addons.kpi_tracking.tests.security.access_oracle import (
    OFFICERS,
    SEEN,
    TABLES,
)

OWN_FILTERS = {**NOBODY, "officer_ab": BOTH}
DIALOGS = {
    "kpi.dashboard.mail.wizard": STAFF,
    "kpi.dashboard.share.wizard": STAFF,
}
ORACLE = {
    "kpi.gallery.dashboard": {"read": DEFINED, **READ_ONLY},
    # Shared with all KPI users; of the officer of both companies.
    "kpi.dashboard": {"read": KNOWN, **BY_OFFICERS},
    "kpi.dashboard.tile": {"read": KNOWN, **BY_OFFICERS},
    "kpi.dashboard.visit": {"read": DEFINED, **READ_ONLY},
    # Of who arranges the dashboard.
    "kpi.dashboard.version": {"read": DEFINED, **READ_ONLY},
    "kpi.dashboard.card": {"read": KNOWN, **BY_OFFICERS},
    "kpi.dashboard.share": {"read": DEFINED, **READ_ONLY},
    "kpi.dashboard.filter": {
        "read": OWN_FILTERS,
        "write": OWN_FILTERS,
        "create": OWN_FILTERS,
        "unlink": OWN_FILTERS,
    },
    # Made by the superuser, mailed to the officer of both companies.
    "kpi.dashboard.schedule": {
        "read": TABLES,
        "write": ADMINS,
        "create": {**KNOWN, "user": set(), "user_b": set()},  # for another
        "unlink": ADMINS,
    },
    # Of the superuser: who sees a KPI writes notes of their own.
    "kpi.annotation": {
        "read": SEEN,
        "write": OFFICERS,
        "create": SEEN,
        "unlink": OFFICERS,
    },
}
