"""Entries that wait for approval ask those who may decide, one row for each person.

Until now who may decide was found when somebody looked. Nobody gets a message: those
who decide had an activity, which goes, and find the entries under “To Approve”.
"""

import logging

from odoo import SUPERUSER_ID, api
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

BATCH = 500


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    waiting = env["kpi.submission"].search(
        [
            ("state", "=", "submitted"),
            ("is_current", "=", True),
            ("approval_state", "!=", "pending"),
        ],
        order="id",
    )
    for ids in split_every(BATCH, waiting.ids):
        ask(waiting.browse(ids))
        env.flush_all()
        env.invalidate_all()


def ask(entries):
    entries.activity_ids.filtered("automated").unlink()
    for workflow, same in entries._group_by_workflow().items():
        seats = same._find_approval_seats(workflow)
        decidable = same.filtered(
            lambda entry, seats=seats: all(
                taken for _at, _needed, taken in seats[entry]
            )
        )
        if same - decidable:
            _logger.warning(
                "Nobody can approve the KPI entries %s. Choose somebody else who is"
                " responsible for the approval workflow, and enter the values again.",
                (same - decidable).ids,
            )
        decidable._fix_steps(workflow)._take_next_level()._begin()
