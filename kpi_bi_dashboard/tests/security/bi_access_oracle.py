"""Who may do what with purchases and what is known of customers, written by hand.

The people are those of ``access_oracle.py``, their groups are given by
``bi_access_case.py``.
"""

from odoo.addons.kpi_base.tests.security.access_oracle import NOBODY

A, BOTH = {"a"}, {"a", "b"}
ANALYSED = {**NOBODY, "officer_a": A, "officer_ab": BOTH, "admin": BOTH}
READ = {**ANALYSED, "parent": A}
WITH_COMMON = {
    person: {*keys, "common"} if keys else set() for person, keys in READ.items()
}
CHANGED = {
    person: {*keys, "common"} if keys else set() for person, keys in ANALYSED.items()
}


def _table(read, write=NOBODY, create=NOBODY, unlink=NOBODY):
    return {"read": read, "write": write, "create": create, "unlink": unlink}


ORACLE = {
    "kpi.bi.customer": _table(ANALYSED),
    "kpi.bi.purchase": _table(ANALYSED),
    "kpi.bi.purchase.line": _table(ANALYSED, unlink=ANALYSED),
    "kpi.bi.result": _table(READ),
    **dict.fromkeys(
        ("kpi.bi.market", "kpi.bi.competitor", "kpi.bi.opportunity", "kpi.bi.swot"),
        _table(READ, ANALYSED, ANALYSED, ANALYSED),
    ),
    "kpi.bi.spend": _table(READ, ANALYSED, ANALYSED, ANALYSED),
    "kpi.bi.touch": _table(ANALYSED, unlink=ANALYSED),
    "kpi.bi.opportunity.event": _table(CHANGED),
    "kpi.bi.benchmark": _table(WITH_COMMON, CHANGED, CHANGED, CHANGED),
}
