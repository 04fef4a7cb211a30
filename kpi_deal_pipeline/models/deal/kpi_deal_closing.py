from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from odoo.addons.kpi_base.audit import AuditEvent

from ... import roles
from .kpi_deal_history import StageMove
from .kpi_deal_stage import CLOSED_STAGES

WORTH = (
    "estimated_value_amount",
    "currency_id",
    "confidence",
    "agent_id",
    "asset_type",
    "expected_close_date",
)
CORRECTED = "corrected"
PRICE = ("rate", "company_amount", "weighted_amount")


@dataclass(frozen=True)
class Correction:
    """Moments of a closing, in UTC, and the stages before and after it."""

    closed_at: datetime
    corrected_at: datetime
    open_stage: str
    closed_stage: str

    @property
    def is_later(self):
        return self.corrected_at > self.closed_at


class KpiDeal(models.Model):
    """Correction of a closing day that was entered wrongly.

    What stands in the history stays. Events are added at the moments in between, which
    say of them what is known now: of events at one moment the last counts.
    """

    _inherit = "kpi.deal"

    def action_correct_closing(self):
        """Ask for the right day."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct Closing Date"),
            "res_model": "kpi.deal.closing",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_deal_id": self.id},
        }

    def _correct_closing(self, day, reason):
        """Say that a closed deal was closed on another day.

        :raises AccessError: who is no administrator of deals
        :raises UserError: the deal is not closed, or cannot have been on that day
        """
        self.ensure_one()
        self._check_may_correct_closing(reason)
        before = self.actual_close_date
        correction = self._prepare_correction(day)
        moves = self._find_corrected_moves(correction, reason)
        self._follow(
            [move for move in moves if move.effective_at == correction.corrected_at]
        )
        self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    self,
                    "deal_closing_corrected",
                    {"closed_on": str(day), "closed_on_before": str(before)},
                    {"note": reason},
                )
            ]
        )
        self._insert_history(moves, self._prepare_corrected_values(correction))
        self._keep_worth({self.id: self._read_worth()[-1]})

    def _check_may_correct_closing(self, reason):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(roles.ADMIN):
            raise AccessError(
                self.env._("Only deal administrators can correct the closing date.")
            )
        if self.status not in CLOSED_STAGES:
            raise UserError(self.env._("%s is not closed.", self.title))
        if not (reason or "").strip():
            raise UserError(self.env._("Enter a reason for the correction."))

    def _prepare_correction(self, day):
        """The ``Correction`` to a day.

        :raises UserError: the deal cannot have been closed then, or was
        """
        now = fields.Datetime.now()
        entered_at, open_stage = self._find_stage_left()
        corrected_at = self._at_noon(day, now)
        first, today = self._local_day(entered_at), self._local_day(now)
        if day == self.actual_close_date:
            raise UserError(
                self.env._(
                    "%(deal)s already has the closing date %(day)s.",
                    deal=self.title,
                    day=format_date(self.env, day),
                )
            )
        if not first <= day <= today:
            raise UserError(
                self.env._(
                    "%(deal)s cannot be closed on %(day)s. Choose a day from "
                    "%(first)s, when it entered its last open stage, to today "
                    "(%(today)s).",
                    deal=self.title,
                    day=format_date(self.env, day),
                    first=format_date(self.env, first),
                    today=format_date(self.env, today),
                )
            )
        return Correction(
            self.stage_since,
            max(corrected_at, entered_at),
            open_stage,
            self.pipeline_stage,
        )

    def _find_stage_left(self):
        """When the deal came into the stage before its closing, and which one."""
        entered_at, stage = self.opened_at, self.pipeline_stage
        for moment, event in self._last_events(self.stage_event_ids).items():
            if moment >= self.stage_since:
                break
            if event.to_stage != stage:
                entered_at, stage = moment, event.to_stage
        return entered_at, stage

    def _last_events(self, events):
        """Moment → the event that counts then, in the order of moments."""
        ordered = events.sorted(lambda event: (event.effective_at, event.id))
        return {event.effective_at: event for event in ordered}

    def _find_corrected_moves(self, correction, reason):
        """The moves that keep the deal open until the right moment, and close it then.

        At the moments in between events of earlier corrections can stand. The move that
        the deal stands by comes last, as the audit of deals expects.
        """
        opened, closed = correction.open_stage, correction.closed_stage
        events = self._last_events(self.stage_event_ids)
        if correction.is_later:
            moments = [
                moment
                for moment, event in events.items()
                if correction.closed_at <= moment < correction.corrected_at
                and event.to_stage in CLOSED_STAGES
            ]
            moves = [StageMove(self, closed, opened, at, reason) for at in moments]
        else:
            moments = [
                moment
                for moment, event in events.items()
                if correction.corrected_at < moment < correction.closed_at
                and event.to_stage not in CLOSED_STAGES
            ]
            moves = [StageMove(self, opened, closed, at, reason) for at in moments]
        moves.append(StageMove(self, opened, closed, correction.corrected_at, reason))
        return moves

    def _prepare_corrected_values(self, correction):
        """Columns of value events that say status and worth at each moment in between.

        A deal that was closed earlier had the worth of its closing from then on. One
        that was closed later is priced at that day, with what it was worth then. What
        earlier corrections said of later moments follows. The last row is what the deal
        is worth now.
        """
        closed_at, at = correction.closed_at, correction.corrected_at
        worth = {row["effective_at"]: row for row in self._read_worth()}
        last = [row for moment, row in worth.items() if moment <= max(closed_at, at)]
        closing = self._price_at({**last[-1], "status": correction.closed_stage}, at)
        closing["cause"] = CORRECTED
        rows = {
            moment: {**row, "status": "open", "cause": CORRECTED}
            for moment, row in worth.items()
            if closed_at <= moment < at
        }
        rows[at] = {**closing, "effective_at": at}
        for moment, row in worth.items():
            if moment > at and (moment <= closed_at or row["cause"] == CORRECTED):
                rows[moment] = {**closing, "effective_at": moment}
        now = max(*worth, at)
        rows.setdefault(now, worth.get(now))
        return list(rows.values())

    def _price_at(self, row, at):
        key = (self.company_id.id, row["currency_id"], at.date())
        return row | self._prepare_priced_values(row, self._company_rates([key])[key])

    def _read_worth(self):
        """Columns of value events in their order, amounts as ``Decimal``."""
        names = ("deal_id", "cause", "effective_at", "status", *WORTH)
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT %s, estimated_value_amount::text, confidence::text, rate::text,
                       company_amount::text, weighted_amount::text
                  FROM agent_deal_value_events
                 WHERE deal_id = %s
              ORDER BY effective_at, id
                """,
                SQL(", ").join(map(SQL.identifier, names)),
                self.id,
            )
        )
        return [
            row
            | {
                name: row[name] and Decimal(row[name])
                for name in ("estimated_value_amount", "confidence", *PRICE)
            }
            for row in rows
        ]
