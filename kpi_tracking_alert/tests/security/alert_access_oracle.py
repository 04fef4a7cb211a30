"""Who may do what with alerts, written down by hand.

The people and KPIs are those of ``access_oracle.py``: who sees a KPI sees its alerts,
but for those of somebody's own rules.
"""

from odoo.addons.kpi_base.tests.security.access_oracle import (
    BOTH,
    DEFINED,
    NOBODY,
    PERSONAS,
    READ_ONLY,
)
from odoo.addons.kpi_base.tests.security.access_oracle import (
    KNOWN as OF_COMPANY,
)
from odoo.addons.kpi_tracking.tests.security.access_oracle import SEEN, STAFF

RULES = {
    **NOBODY,
    "user": {"uma"},
    "officer_a": {"a"},
    "officer_ab": {"a", "b"},
    "admin": {"a", "b"},
}
CHANNELS = {**NOBODY, "officer_a": {"a"}, "officer_ab": {"a", "b"}, "admin": {"a", "b"}}
WEBHOOKS = {**NOBODY, "officer_a": {"a"}, "officer_ab": {"b"}, "admin": {"a", "b"}}
HIDDEN = {"read": NOBODY, **READ_ONLY}
SHARED_RULES = {**NOBODY, "officer_a": {"a"}, "officer_ab": BOTH, "admin": BOTH}
DEFINE = dict.fromkeys(("write", "create", "unlink"), DEFINED)
OWN = {**NOBODY, "user": {"user"}, "officer_a": {"officer_a"}}
KNOWN = {
    persona: {"all"} if persona in SEEN and SEEN[persona] else set()
    for persona in PERSONAS
}

ORACLE = {
    "kpi.smart.alert": {
        "read": RULES,
        "write": RULES,
        "create": RULES,
        "unlink": RULES,
    },
    "kpi.alert.route": {
        "read": RULES,
        "write": RULES,
        "create": RULES,
        "unlink": RULES,
    },
    "kpi.alert.channel": {
        "read": CHANNELS,
        "write": {**NOBODY, "admin": {"a", "b"}},
        "create": {**NOBODY, "admin": {"a", "b"}},
        "unlink": {**NOBODY, "admin": {"a", "b"}},
    },
    "kpi.alert.event": {"read": SEEN, **READ_ONLY},
    "kpi.webhook": dict.fromkeys(("read", "write", "create", "unlink"), WEBHOOKS),
    "kpi.webhook.batch": HIDDEN,
    "kpi.webhook.change": HIDDEN,
    "kpi.webhook.counter": HIDDEN,
    "kpi.alert.reason": {
        "read": KNOWN,
        "write": {
            **NOBODY,
            **dict.fromkeys(("officer_a", "officer_ab", "admin"), {"all"}),
        },
        "create": {
            **NOBODY,
            **dict.fromkeys(("officer_a", "officer_ab", "admin"), {"all"}),
        },
        "unlink": {
            **NOBODY,
            **dict.fromkeys(("officer_a", "officer_ab", "admin"), {"all"}),
        },
    },
    "kpi.alert.level": dict.fromkeys(
        ("read", "write", "create", "unlink"), SHARED_RULES
    ),
    "kpi.alert.rota": {"read": OF_COMPANY, **DEFINE},
    "kpi.alert.shift": {"read": OF_COMPANY, **DEFINE},
    "kpi.alert.silence": {"read": DEFINED, **DEFINE},
    "kpi.alert.quiet": dict.fromkeys(("read", "write", "create", "unlink"), OWN),
    "kpi.alert.mute": {**READ_ONLY, "read": OWN, "unlink": OWN},
    "kpi.alert.change": {"read": SEEN, **READ_ONLY},
    "kpi.alert.notice": {"read": SEEN, **READ_ONLY},
}
DIALOGS = {
    "kpi.alert.hand.over": STAFF,
    "kpi.alert.preview": STAFF,
    "kpi.alert.replay": STAFF,
    "kpi.alert.resolve": STAFF,
    "kpi.alert.snooze": STAFF,
}
