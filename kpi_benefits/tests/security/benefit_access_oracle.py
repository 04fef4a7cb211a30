"""Who may do what with initiatives, written down by hand.

The people are those of ``access_oracle.py``. An initiative is seen by its owner and
sponsor, who manages its department, and officers of its company; changed by the same
people but its sponsor; its gates, costs and reviews likewise. Links for feedback are
read by who may change the review; topics are everybody's.
"""

from odoo.addons.kpi_base.tests.security.access_oracle import (
    ADMINS,
    KNOWN,
    NOBODY,
    STAFF,
)

IN_A, IN_ALL = {"uma", "sam"}, {"uma", "sam", "b"}
CHANGED = {
    **NOBODY,
    "user": {"uma"},
    "manager": {"uma"},
    "parent": IN_A,
    "officer_a": IN_A,
    "officer_ab": IN_ALL,
    "admin": IN_ALL,
    "user_b": {"b"},
}
SEEN = {**CHANGED, "leader": {"sam"}}
INITIATIVE = {
    "read": SEEN,
    **dict.fromkeys(("write", "create", "unlink"), CHANGED),
}
# Lea owns the benefit of Uma's initiative, and sponsors Sam's.
BENEFIT_SEEN = {**CHANGED, "leader": IN_A}
BENEFIT_CHANGED = {**CHANGED, "leader": {"uma"}}
# KPIs of an initiative are seen by who sees both: Lea sees none of these KPIs.
TRACKED = dict.fromkeys(("read", "write", "create", "unlink"), CHANGED)
# Everybody opens the dialog; it asks for the right to change the initiative.
DIALOGS = dict.fromkeys(
    (
        "kpi.benefit.assumption.check",
        "kpi.initiative.kpi",
        "kpi.review.feedback.wizard",
        "kpi.review.publication",
    ),
    STAFF,
)
COMMON = {"read": KNOWN, **dict.fromkeys(("write", "create", "unlink"), ADMINS)}
UNTOUCHED = dict.fromkeys(("write", "create", "unlink"), NOBODY)
TOPICS = {**NOBODY, **dict.fromkeys(STAFF, {"common"})}
OFFICERS = {
    **NOBODY,
    **dict.fromkeys(("officer_a", "officer_ab", "admin"), {"common"}),
}
OF_BENEFIT = {
    "read": BENEFIT_SEEN,
    **dict.fromkeys(("write", "create", "unlink"), BENEFIT_CHANGED),
}
# Scores are corrected by who gave them, on their day; those here are the superuser's.
SCORE = {**OF_BENEFIT, "write": NOBODY, "unlink": NOBODY}
# Changes of initiatives, and objectives “a” and “b” of companies, set by officers.
OBJECTIVES_SEEN = {persona: keys & {"a", "b"} for persona, keys in KNOWN.items()}
NODE_CHANGED = {
    **CHANGED,
    "officer_a": IN_A | {"a"},
    "officer_ab": IN_ALL | {"a", "b"},
    "admin": IN_ALL | {"a", "b"},
}
NODE = {
    "read": {who: keys | OBJECTIVES_SEEN[who] for who, keys in SEEN.items()},
    **dict.fromkeys(("write", "create", "unlink"), NODE_CHANGED),
}
ORACLE = {
    "kpi.baseline": TRACKED,
    "kpi.baseline.share": TRACKED,
    "kpi.baseline.measurement": {
        "read": CHANGED,
        **dict.fromkeys(("write", "create", "unlink"), NOBODY),
    },
    "kpi.benefit.realization": {
        "read": BENEFIT_SEEN,
        "write": BENEFIT_CHANGED,
        "create": CHANGED,
        "unlink": CHANGED,
    },
    "kpi.benefit.period": {
        "read": BENEFIT_SEEN,
        "write": BENEFIT_CHANGED,
        **dict.fromkeys(("create", "unlink"), NOBODY),
    },
    "kpi.benefit.assumption": OF_BENEFIT,
    "kpi.benefit.confidence": SCORE,
    "kpi.benefit.link": OF_BENEFIT,
    "kpi.benefit.node": NODE,
    "kpi.value.leakage": OF_BENEFIT,
    "kpi.initiative": INITIATIVE,
    "kpi.post.implementation.review": INITIATIVE,
    "kpi.lesson": INITIATIVE,
    "kpi.review.recommendation": INITIATIVE,
    "kpi.review.figure": {"read": SEEN, **UNTOUCHED},
    "kpi.review.feedback": {"read": SEEN, **UNTOUCHED},
    "kpi.review.feedback.link": {"read": CHANGED, **UNTOUCHED},
    "kpi.lesson.tag": {
        "read": TOPICS,
        "create": TOPICS,
        **dict.fromkeys(("write", "unlink"), OFFICERS),
    },
    "kpi.initiative.gate": INITIATIVE,
    "kpi.initiative.cost": INITIATIVE,
    "kpi.discount.rate": COMMON,
    "kpi.reference.class": COMMON,
    # Sums of what not everybody may see who sees the initiative.
    "kpi.initiative.month": {
        "read": {**NOBODY, "admin": IN_ALL},
        **dict.fromkeys(("write", "create", "unlink"), NOBODY),
    },
}
