"""Events that addons log in ``kpi.audit.log``, and what its entries hold of them.

::

    self.env["kpi.audit.log"]._append([
        AuditEvent(order, "order_moved", {"at": moment_text(order.moved_at)}),
    ])
"""

import json
from dataclasses import dataclass, field
from datetime import datetime

from odoo import models
from odoo.tools import SQL


@dataclass(frozen=True)
class AuditEvent:
    """Something that happened to one record, to be logged for good.

    :param record: the record whose chain it belongs to
    :param event_type: a stable word such as ``deal_stage_transition``
    :param values: what happened; whole numbers, texts, lists, dicts, amounts as
        decimal texts. Nothing translated and nothing personal.
    :param personal: name → personal text; the entry holds a commitment to it only, so
        that the text can be erased
    """

    record: models.BaseModel
    event_type: str
    values: dict
    personal: dict = field(default_factory=dict)


def moment_text(moment: datetime) -> str:
    """A moment in UTC as entries hold it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def moment_text_sql(column: SQL) -> SQL:
    """SQL of what ``moment_text`` gives of a column."""
    return SQL("""to_char(%s, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""", column)


def parse_entry_values(text: str) -> dict:
    """Read the event that an entry reports; nothing where it was tampered with."""
    try:
        return dict(json.loads(text)["values"])
    except (KeyError, TypeError, ValueError):
        return {}
