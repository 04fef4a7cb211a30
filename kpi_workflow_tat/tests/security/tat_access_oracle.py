"""Who may do what with requests, written down by hand.

The people are those of ``access_oracle.py``. A request is seen by whoever made it, who
is asked, who manages its department, and officers of its company; its clocks, reminders
and holds by the same people.
"""

from odoo.addons.kpi_base.tests.security.access_oracle import NOBODY

from .tat_report_oracle import make_report_oracle

IN_A, IN_ALL = {"uma", "sam"}, {"uma", "sam", "b"}
SEEN = {
    **NOBODY,
    "user": {"uma"},
    "manager": {"uma"},
    "leader": {"sam"},
    "parent": IN_A,
    "officer_a": IN_A,
    "officer_ab": IN_ALL,
    "admin": IN_ALL,
    "user_b": {"b"},
}
# What was submitted stays as it is.
CHANGED = {**NOBODY, "user": {"uma"}}
MADE = {
    **NOBODY,
    **dict.fromkeys(("user", "manager", "leader", "parent", "officer_a"), IN_A),
    **dict.fromkeys(("officer_ab", "admin"), IN_ALL),
    "user_b": {"b"},
}
FOLLOWING = {
    "read": {persona: keys - {"uma"} for persona, keys in SEEN.items()},
    **dict.fromkeys(("write", "create", "unlink"), NOBODY),
}
MAILED = {**NOBODY, "user": {"uma"}, "user_b": {"b"}, "admin": {"uma", "b"}}
OFFICERS = {"officer_a", "officer_ab", "admin"}
HOURS = dict.fromkeys(OFFICERS, {"common"})
VERSIONS = dict.fromkeys(set(SEEN) - {"none", "portal"}, {"common"})

ORACLE = {
    **make_report_oracle(SEEN),
    "kpi.tat.request": {
        "read": SEEN,
        "write": CHANGED,
        "create": MADE,
        "unlink": CHANGED,
    },
    "kpi.tat.level": FOLLOWING,
    "kpi.tat.alert": FOLLOWING,
    "kpi.tat.hold": FOLLOWING,
    # Uma's own and Bea's; colleagues are added by who leads people.
    "kpi.tat.report.schedule": {
        **dict.fromkeys(("read", "write", "unlink"), MAILED),
        "create": {
            **MAILED,
            **dict.fromkeys(("manager", "leader", "parent", "officer_a"), {"uma"}),
            "officer_ab": {"uma", "b"},
        },
    },
    # One of a company: of Sam's request in A, of Bea's in B.
    "kpi.tat.risk": {
        "read": {
            **NOBODY,
            "officer_a": {"sam"},
            **dict.fromkeys(("officer_ab", "admin"), {"sam", "b"}),
        },
        **dict.fromkeys(("write", "create", "unlink"), NOBODY),
    },
    "kpi.tat.event": FOLLOWING,
    "kpi.tat.calendar": {
        "read": {**NOBODY, **HOURS},
        **dict.fromkeys(("write", "create", "unlink"), NOBODY),
    },
    "kpi.tat.document.type": {
        "read": {**NOBODY, **VERSIONS},
        **dict.fromkeys(("write", "create", "unlink"), {**NOBODY, "admin": {"common"}}),
    },
    "kpi.tat.template.version": {
        "read": {**NOBODY, **VERSIONS},
        **dict.fromkeys(("write", "create", "unlink"), NOBODY),
    },
}
USERS = set(SEEN) - {"none", "portal"}
DIALOGS = {
    "kpi.tat.decision": USERS,
    "kpi.tat.delay": USERS,
    "kpi.tat.pending": USERS,
    "kpi.tat.recompute": OFFICERS,
    "kpi.tat.staffing": OFFICERS,
    "kpi.tat.what.if": USERS,
}
