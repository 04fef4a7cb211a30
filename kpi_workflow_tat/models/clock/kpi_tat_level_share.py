from odoo import api, fields, models

from ...engine.sentence import say_duration
from .kpi_tat_level_clock import OPEN


class KpiTatLevel(models.Model):
    """Whose time it is: that of a group until somebody claims it, then theirs."""

    _inherit = "kpi.tat.level"

    is_of_group = fields.Boolean(
        "Asked as a Group",
        readonly=True,
        help="One of the group decides. The time is the group's until somebody claims "
        "the request.",
    )
    claimed_at = fields.Datetime("Claimed", readonly=True)
    taken_over_seconds = fields.Integer(
        "Of Others (s)",
        readonly=True,
        aggregator=None,
        help="Counted seconds that are the group's, or of whoever was asked before.",
    )
    own_seconds = fields.Integer(
        "Own Time (s)",
        readonly=True,
        aggregator=None,
        help="Counted seconds that are this person's, up to when the clock stopped or "
        "was handed back.",
    )
    own_before = fields.Integer(
        readonly=True,
        aggregator=None,
        exportable=False,
        help="Of the own time, what was before the claim or the hand-over.",
    )
    split = fields.Char(
        "Time of Each",
        compute="_compute_split",
        exportable=False,
        help="How much of the counted time each had.",
    )

    @api.depends_context("lang")
    @api.depends(
        "own_seconds", "taken_over_seconds", "claimed_at", "tat_start_time", "clock"
    )
    def _compute_split(self):
        now = fields.Datetime.now()
        for row in self:
            # Who had it before is no secret to who sees the clock.
            parts = row.sudo()._list_shares(now)
            row.split = ", ".join(
                f"{name} {say_duration(seconds)}" for name, seconds in parts
            )

    def _list_shares(self, now):
        """Pairs of who had this level and counted seconds; empty: only one did."""
        if not self.tat_start_time:
            return []
        is_over = self.clock == "stopped"
        elapsed = self.elapsed_seconds if is_over else self._read_now(now).elapsed
        own = self.own_seconds if is_over else self._count_own(elapsed)
        former = self._find_former_rows()
        shares = [(row.approver_id.name, row.own_seconds) for row in former]
        shares.append((self.approver_id.name, own))
        if self.is_of_group:
            others = elapsed - sum(seconds for _name, seconds in shares)
            shares.insert(0, (self.env._("Group"), others))
        shares = [(name, seconds) for name, seconds in shares if seconds > 0]
        return shares if len(shares) > 1 or self.is_of_group else []

    def _find_former_rows(self):
        """Clocks of those whom this one was taken over from, the first of them first"""
        found, row = self.browse(), self.former_id
        while row and row not in found | self:
            found, row = row | found, row.former_id
        return found

    def _is_shared(self):
        """Check whether the time is a group's: nobody has claimed or decided it."""
        return self.is_of_group and not self.claimed_at and self.clock != "stopped"

    def _count_own(self, elapsed):
        """Seconds of those that elapsed which are this person's."""
        if self.is_of_group and not self.claimed_at:
            return self.own_seconds
        return max(0, elapsed - self.taken_over_seconds)

    @api.model
    def _prepare_row_values(self, step, former):
        values = super()._prepare_row_values(step, former)
        return {**values, "is_of_group": is_of_group(step)}

    @api.model
    def _find_former(self, step):
        """As above; whoever is asked again as a claim is handed back takes it over."""
        rows = self.search(
            [
                ("request_id", "=", step.res_id),
                ("level_number", "=", step.level),
                ("attempt", "=", step.round),
                ("claimed_at", "!=", False),
                ("clock", "in", OPEN),
                ("approver_id", "!=", step.user_id.id),
            ]
        )
        return rows[:1] or super()._find_former(step)

    @api.model
    def _start_all(self, step_of, now):
        result = super()._start_all(step_of, now)
        for row, step in step_of.items():
            taken = max(0, row.elapsed_before - row.own_seconds)
            # Whoever is asked again as a claim is handed back has claimed nothing.
            is_successor = row.former_id.approver_id == step.for_user_id
            is_claimed = (
                step.reason == "forwarded" and is_successor and row.former_id.claimed_at
            )
            row.write(
                {
                    "taken_over_seconds": taken,
                    "own_before": row.own_seconds,
                    "claimed_at": is_claimed and now,
                }
            )
        return result

    @api.model
    def _stop_all(self, step_of, now):
        result = super()._stop_all(step_of, now)
        for row in step_of:
            row.own_seconds = row._count_own(row.elapsed_seconds)
        return result

    def _claim_time(self, now):
        """Have the time be this person's from now on; until now it was the group's."""
        self.ensure_one()
        elapsed = self._read_now(now).elapsed
        self.write(
            {
                "claimed_at": now,
                "taken_over_seconds": max(0, elapsed - self.own_seconds),
                "own_before": self.own_seconds,
            }
        )

    def _correct_share(self):
        """Take what a correction changes before a claim from the group's time.

        Where the clock was planned anew since, what came before cannot change.
        """
        if self.claimed_at and self.claimed_at >= self.tat_start_time:
            elapsed = self._read_now(self.claimed_at).elapsed
            self.taken_over_seconds = max(0, elapsed - self.own_before)

    def _hand_time_back(self, now):
        """Have the time be the group's again; what was this person's stays theirs."""
        self.ensure_one()
        own = self._count_own(self._read_now(now).elapsed)
        self.write({"claimed_at": False, "own_seconds": own})


def is_of_group(step):
    """Check whether somebody is asked as one of a group that decides for one another"""
    if step.needed_count != 1 or step.reason == "escalated":
        return False
    levels = step.workflow_id.level_ids.sorted()[step.level - 1 : step.level]
    if "group" not in levels.approver_ids.mapped("whom"):
        return False
    domain = [(name, "=", step[name]) for name in ("res_model", "res_id", "round")]
    return step.search_count([*domain, ("level", "=", step.level)], limit=2) > 1
