"""Rights of people, written down by hand: the tests compare Odoo with these tables.

Nothing here is derived from the record rules. People and records are those that
``access_case.py`` makes:

    company A                               company B
      Sales             managed by parent     Retail
        North           managed by manager
          Uma (user), Mark (manager)            Bea (user_b)
        South
          Sam
      Ops
        Lea (leader)
      team Alpha        led by leader
"""

PERSONAS = (
    "none",  # an employee without KPI group
    "portal",
    "user",  # Uma, KPI user in North
    "manager",  # Mark, manages North
    "leader",  # Lea, leads team Alpha, works in Ops
    "parent",  # manages Sales, above North and South
    "officer_a",
    "officer_ab",
    "admin",  # of both companies
    "user_b",  # Bea, KPI user of company B
)

OUTSIDERS = ("none", "portal")  # of the people above, who have no group of ours

NOBODY = {persona: set() for persona in PERSONAS}

A, B, BOTH = {"a", "common"}, {"b", "common"}, {"a", "b", "common"}
KNOWN = {
    **NOBODY,
    "user": A,
    "manager": A,
    "leader": A,
    "parent": A,
    "officer_a": A,
    "officer_ab": BOTH,
    "admin": BOTH,
    "user_b": B,
}
DEFINED = {**NOBODY, "officer_a": A, "officer_ab": BOTH, "admin": BOTH}
ADMINS = {**NOBODY, "admin": BOTH}
SERVERS = {**NOBODY, "admin": {"server"}}

# API keys by whose they are.
ALL_KEYS = {"user", "officer_a"}
KEYS = {**NOBODY, "user": {"user"}, "officer_a": {"officer_a"}, "admin": ALL_KEYS}

# Delegations by whose they are, and approvals by who is asked or asks.
DELEGATIONS = {
    **NOBODY,
    "user": {"user"},
    "user_b": {"user_b"},
    "admin": {"user", "user_b"},
}
STEPS = {
    **NOBODY,
    "user": {"a"},
    "manager": {"a"},
    "user_b": {"b"},
    "officer_a": {"a"},
    "officer_ab": {"a", "b"},
    "admin": {"a", "b"},
}

# Dialogs → who may open them. What they do is checked by the models they act on.
STAFF = set(PERSONAS) - {"none", "portal"}
DIALOGS = {
    "kpi.api.key.wizard": STAFF,
    "kpi.approval.decision": STAFF,
    "kpi.approval.refusal": STAFF,
    "kpi.audit.check": set(),
    "kpi.connection": STAFF,
    "kpi.handover": {"admin"},
    "kpi.handover.line": {"admin"},
}

# Model → operation → persona → keys of the records it is allowed for: a company, or
# “common” for what no company owns. A key without a record (a team has always a
# company) is left out by the test.
READ_ONLY = {"write": NOBODY, "create": NOBODY, "unlink": NOBODY}
BY_OFFICERS = {"write": DEFINED, "create": DEFINED, "unlink": DEFINED}
BY_ADMINS = {"write": ADMINS, "create": ADMINS, "unlink": ADMINS}
ORACLE = {
    "kpi.team": {"read": KNOWN, **BY_OFFICERS},
    "kpi.team.member": {"read": KNOWN, **BY_OFFICERS},
    "kpi.working.day": {"read": DEFINED, **READ_ONLY},
    "kpi.membership": {"read": DEFINED, **READ_ONLY},
    "kpi.currency.rate": {"read": DEFINED, **READ_ONLY},
    "kpi.approval.workflow": {"read": KNOWN, **BY_ADMINS},
    "kpi.approval.level": {"read": KNOWN, **BY_ADMINS},
    "kpi.approval.approver": {"read": KNOWN, **BY_ADMINS},
    "kpi.approval.delay.reason": {"read": KNOWN, **BY_OFFICERS},
    "kpi.approval.delegation": {
        "read": DELEGATIONS,
        "write": DELEGATIONS,
        "create": DELEGATIONS,
        "unlink": DELEGATIONS,
    },
    "kpi.approval.change": {"read": KNOWN, **READ_ONLY},
    "kpi.approval.link": {"read": NOBODY, **READ_ONLY},
    "kpi.approval.step": {"read": STEPS, **READ_ONLY},
    # What waits for oneself; nobody looks over another's shoulder.
    "kpi.approval.item": {
        "read": {**NOBODY, "user": {"a"}, "user_b": {"b"}},
        **READ_ONLY,
    },
    "kpi.api.scope": {"read": KNOWN, **READ_ONLY},
    "kpi.api.key": {
        "read": KEYS,
        "write": {**NOBODY, "admin": ALL_KEYS},
        "create": NOBODY,
        "unlink": NOBODY,
    },
    "kpi.api.log": {"read": ADMINS, **READ_ONLY},
    "kpi.delivery": {"read": ADMINS, **READ_ONLY},
    "kpi.delivery.attempt": {"read": ADMINS, **READ_ONLY},
    # What messages tell is between sender and receiver, as their texts.
    "kpi.delivery.line": {"read": NOBODY, **READ_ONLY},
    # Servers belong to no company; administrators limit what they get.
    "kpi.delivery.host": {**READ_ONLY, "read": SERVERS, "write": SERVERS},
    # For administrators of the system, who are none of the people.
    "kpi.audit.anchor": {"read": NOBODY, **READ_ONLY},
    "kpi.audit.head": {"read": NOBODY, **READ_ONLY},
    "kpi.audit.leaf": {"read": NOBODY, **READ_ONLY},
    "kpi.audit.log": {"read": NOBODY, **READ_ONLY},
    "kpi.audit.personal": {"read": NOBODY, **READ_ONLY},
    # Files are personal: those of the superuser are seen by administrators only.
    "kpi.import": {
        "read": ADMINS,
        "write": ADMINS,
        "create": DEFINED,
        "unlink": ADMINS,
    },
    "kpi.import.mapping": {"read": DEFINED, **BY_OFFICERS},
    "kpi.import.column": {
        "read": DEFINED,
        "write": DEFINED,
        "create": NOBODY,
        "unlink": NOBODY,
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
