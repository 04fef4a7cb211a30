"""Who may do what with KPIs, written down by hand: the tests compare Odoo with it.

Nothing here is derived from the record rules. The people are those of kpi_base's
``access_oracle.py``, the records those that ``access_case.py`` makes.
"""

from odoo.addons.kpi_base.tests.security.access_oracle import (
    ADMINS,
    BOTH,
    BY_OFFICERS,
    DEFINED,
    KNOWN,
    NOBODY,
    PERSONAS,
    READ_ONLY,
    STAFF,
)

# Report → what it is tracked for. All but the b_… ones belong to company A.
REPORTS = (
    "company",
    "sales",
    "north",
    "south",
    "ops",
    "alpha",
    "uma",
    "sam",
    "owned",  # company A, Uma is responsible
    "shared",  # Ops, shared with Uma
    "b_company",
    "b_user",  # Bea
    "b_shared",  # Retail, shared with Uma, who is not in company B
    "b_uma",  # Uma in company B: Mark leads her in company A only
)
REPORTS_A = {key for key in REPORTS if not key.startswith("b_")}
REPORTS_B = set(REPORTS) - REPORTS_A

SEEN = {
    **NOBODY,
    "user": {"uma", "owned", "shared"},
    "manager": {"north", "uma"},
    "leader": {"alpha"},
    "parent": {"sales", "north", "south", "uma", "sam"},
    "officer_a": REPORTS_A,
    "officer_ab": REPORTS_A | REPORTS_B,
    "admin": REPORTS_A | REPORTS_B,
    "user_b": {"b_user"},
}
LED = {**SEEN, "user": set(), "user_b": set()}
OFFICERS = {**LED, "manager": set(), "leader": set(), "parent": set()}

TABLES = {**ADMINS, "officer_ab": BOTH}  # the owner, beside the administrators

# Scorecard → persons who see it. Company A's, but for the b_… one.
SCORECARDS = (
    "a_plain",
    "a_north",  # of department North
    "a_owned",  # Uma is responsible
    "a_led",  # Lea is responsible
    "a_member",  # Uma and Bea (of company B) are members
    "b_plain",
)
ALL_SCORECARDS = set(SCORECARDS)
SCORECARDS_A = ALL_SCORECARDS - {"b_plain"}
SCORED = {
    **NOBODY,
    "user": {"a_owned", "a_member"},
    "manager": {"a_north"},
    "leader": {"a_led"},
    "parent": {"a_north"},
    "officer_a": SCORECARDS_A,
    "officer_ab": ALL_SCORECARDS,
    "admin": ALL_SCORECARDS,
}
ARRANGED = {**SCORED, "user": set()}

# A scorecard's KPI (scorecard, KPI) is seen by who sees both; put there, changed and
# taken off by who arranges the scorecard and sees the KPI; put there only by who may
# share the KPI.
SCORECARD_LINES = {
    f"{scorecard}/{report}": (scorecard, report)
    for scorecard, report in (
        ("a_north", "north"),
        ("a_north", "sales"),  # Mark does not see it
        ("a_led", "alpha"),
        ("a_led", "uma"),  # Lea does not see it
        ("a_owned", "owned"),
        ("a_member", "uma"),
        ("a_member", "sam"),  # Uma does not see it
        ("b_plain", "b_company"),
    )
}


def _lines_of(scorecards, reports):
    """Keys of the lines whose scorecard and KPI both are among a person's own."""
    return {
        persona: {
            key
            for key, (scorecard, report) in SCORECARD_LINES.items()
            if scorecard in scorecards[persona] and report in reports[persona]
        }
        for persona in PERSONAS
    }


DIALOGS = {
    "kpi.certify.wizard": {"officer_a", "officer_ab", "admin"},
    "kpi.explanation": STAFF,
    "kpi.value.entry": STAFF,
    "kpi.scorecard.wizard": STAFF - {"user", "user_b"},
    "kpi.submission.reason": STAFF,
    "kpi.lock.wizard": {"admin"},
    "kpi.recompute.wizard": {"officer_a", "officer_ab", "admin"},
    "kpi.target.proposal": STAFF - {"user", "user_b"},
    "kpi.target.copy.wizard": STAFF - {"user", "user_b"},
    "kpi.target.cascade": STAFF - {"user", "user_b"},
    "kpi.target.cascade.line": STAFF - {"user", "user_b"},
    "kpi.track.wizard": {"officer_a", "officer_ab", "admin"},
    "kpi.gallery.wizard": {"officer_a", "officer_ab", "admin"},
    "kpi.pack.export": {"officer_a", "officer_ab", "admin"},
    "kpi.pack.import": {"officer_a", "officer_ab", "admin"},
    "kpi.pack.import.line": {"officer_a", "officer_ab", "admin"},
}

# Model → operation → persona → keys of the records it is allowed for. For models that
# belong to a KPI the keys are those of REPORTS; for the others a company, or “common”
# for what no company owns. A key without a record (a team has always a company) is
# left out by the test.
ORACLE = {
    "kpi.report": {
        "read": SEEN,
        "write": LED,
        "create": OFFICERS,
        "unlink": OFFICERS,
    },
    "kpi.report.group": {
        "read": SCORED,
        "write": ARRANGED,
        "create": ARRANGED,
        "unlink": ARRANGED,
    },
    "kpi.report.group.line": {
        "read": _lines_of(SCORED, SEEN),
        "write": _lines_of(ARRANGED, SEEN),
        "create": _lines_of(ARRANGED, LED),
        "unlink": _lines_of(ARRANGED, SEEN),
    },
    "kpi.target": {"read": SEEN, "write": LED, "create": LED, "unlink": LED},
    "kpi.submission": {"read": SEEN, **READ_ONLY},
    "kpi.target.value": {"read": SEEN, **READ_ONLY},
    "kpi.entry.duty": {"read": OFFICERS, **READ_ONLY},
    "kpi.entry.due": {"read": SEEN, **READ_ONLY},
    "kpi.measurement": {"read": SEEN, **READ_ONLY},
    "kpi.measurement.revision": {"read": SEEN, **READ_ONLY},
    "kpi.restatement": {"read": SEEN, **READ_ONLY},
    "kpi.measurement.breakdown": {"read": SEEN, **READ_ONLY},
    "kpi.definition": {"read": KNOWN, **BY_OFFICERS},
    "kpi.definition.breakdown": {"read": KNOWN, **BY_OFFICERS},
    "kpi.definition.version": {"read": KNOWN, **READ_ONLY},
    "kpi.definition.category": {"read": KNOWN, **BY_OFFICERS},
    "kpi.tag": {"read": KNOWN, **BY_OFFICERS},
    "kpi.gauge.widget": {"read": KNOWN, **BY_OFFICERS},
    "kpi.calendar": {
        "read": KNOWN,
        "write": DEFINED,
        "create": DEFINED,
        "unlink": ADMINS,
    },
    "kpi.tracking.rule": {"read": DEFINED, **BY_OFFICERS},
    "kpi.gallery.set": {"read": DEFINED, **READ_ONLY},
    "kpi.gallery.kpi": {"read": DEFINED, **READ_ONLY},
    "kpi.calendar.day": {"read": DEFINED, **READ_ONLY},
    "kpi.source": {"read": DEFINED, **READ_ONLY},
    "kpi.period.report.schedule": {
        "read": TABLES,
        "write": TABLES,
        "create": TABLES,
        "unlink": TABLES,
    },
    "kpi.period.report": {
        "read": KNOWN,  # shared ones
        "write": TABLES,
        "create": TABLES,
        "unlink": TABLES,
    },
    "kpi.job": {
        "read": DEFINED,
        "write": ADMINS,
        "create": ADMINS,
        "unlink": ADMINS,
    },
    "kpi.job.line": {
        "read": DEFINED,
        "write": ADMINS,
        "create": ADMINS,
        "unlink": ADMINS,
    },
}
