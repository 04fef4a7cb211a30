"""Who may do what with discussions, actions and meetings, written down by hand.

The people and KPIs are those of ``access_oracle.py``: who sees a KPI sees what is said
of it, and opens discussions of it. Those of ``shared`` and ``uma`` were opened by Uma
and by Mark, all others by nobody of them. Uma does the actions of the same two.
"""

from odoo.addons.kpi_base.tests.security.access_oracle import NOBODY, STAFF
from odoo.addons.kpi_tracking.tests.security.access_oracle import (
    ARRANGED,
    LED,
    OFFICERS,
    SCORECARD_LINES,
    SCORED,
    SEEN,
)

CHANGED = {**LED, "user": {"shared"}}
DONE = {**LED, "user": {"shared", "uma"}}

# Meetings of scorecards; Uma organises that of ``a_member``.
ORGANISED = {**ARRANGED, "user": {"a_member"}}
DELETED = {
    **NOBODY,
    **{who: ARRANGED[who] for who in ("officer_a", "officer_ab", "admin")},
}


def _lines_of(meetings):
    """Items of agendas whose meeting is among a person's, and whose KPI they see."""
    return {
        persona: {
            key
            for key, (scorecard, report) in SCORECARD_LINES.items()
            if scorecard in meetings[persona] and report in SEEN[persona]
        }
        for persona in SEEN
    }


# Coachings by how far they are: Mark coaches Uma; Bea has a draft about the officer of
# both companies.
COACHED = {"shared", "signed"}
COACHINGS = {
    **NOBODY,
    "user": COACHED,
    "manager": {"draft", *COACHED},
    "user_b": {"b"},
}
OPEN = {**NOBODY, "manager": {"draft", "shared"}, "user_b": {"b"}}
DRAFTED = {**NOBODY, "manager": {"draft"}, "user_b": {"b"}}
# Anybody coaches anybody else of their company.
ABOUT_UMA = {"draft", "shared", "signed"}
STARTED = {
    **dict.fromkeys(NOBODY, {"b", *ABOUT_UMA}),
    "none": set(),
    "portal": set(),
    "user": {"b"},
    "officer_ab": ABOUT_UMA,
    "user_b": {"b"},
}

ORACLE = {
    "kpi.performance.coaching": {
        "read": COACHINGS,
        "write": OPEN,
        "create": STARTED,
        "unlink": DRAFTED,
    },
    "kpi.performance.coaching.action": {
        "read": COACHINGS,
        **dict.fromkeys(("write", "create", "unlink"), OPEN),
    },
    "kpi.performance.coaching.line": {
        "read": COACHINGS,
        **dict.fromkeys(("create", "unlink"), OPEN),
        # the KPI that is written is Uma's, which Bea does not see
        "write": {**NOBODY, "manager": {"draft", "shared"}},
    },
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
    "kpi.review.meeting": {
        "read": SCORED,
        "write": ORGANISED,
        "create": SCORED,
        "unlink": DELETED,
    },
    "kpi.review.meeting.line": {
        "read": _lines_of(SCORED),
        **dict.fromkeys(("write", "create", "unlink"), _lines_of(ORGANISED)),
    },
}
# Everybody opens the dialog; the meeting asks for the right to change it.
DIALOGS = {"kpi.review.minutes": STAFF}
