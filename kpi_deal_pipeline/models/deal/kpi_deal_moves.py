from datetime import datetime, time, timezone

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ... import roles
from .kpi_deal_history import VALUE_FIELDS, StageMove, ValueChange
from .kpi_deal_stage import CLOSED_STAGES

FIRST_STAGE = "lead_captured"
NOON = time(12)
FIXED = ("company_id", "opened_at")
RECORDED = frozenset(
    {*VALUE_FIELDS, *FIXED, "actual_close_date", "asset_type", "pipeline_stage"}
)


class KpiDeal(models.Model):
    """The stages of a deal: which moves there are, and what follows from them.

    Whoever moves a deal writes its stage, so all rules are here. A note, and the moment
    a move took effect, come by the context: ``move_note`` and ``moved_at``.
    """

    _inherit = "kpi.deal"

    opened_at = fields.Datetime(
        "Opened on",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        help="Start of work on the deal. Recorded in its history.",
    )
    stage_since = fields.Datetime("In Stage Since", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        deals = super().create(vals_list)
        deals._begin()
        return deals

    @api.model
    def _add_precomputed_values(self, vals_list):
        """Add what follows from the stage of each new deal: written with its row."""
        now = fields.Datetime.now()
        for vals in vals_list:
            vals |= self._prepare_first_outcome_values(vals, now)
        return super()._add_precomputed_values(vals_list)

    @api.model
    def _prepare_first_outcome_values(self, vals, now):
        """Status and dates of a new deal; one that is closed was opened before."""
        opened_at = fields.Datetime.to_datetime(vals.get("opened_at")) or now
        stage = vals.get("pipeline_stage")
        if stage not in CLOSED_STAGES:
            return {"status": "open", "stage_since": opened_at}
        day = fields.Date.to_date(vals.get("actual_close_date"))
        opened, today = self._local_day(opened_at), self._local_day(now)
        if day and not opened <= day <= today:
            raise UserError(
                self.env._(
                    "%(deal)s cannot be closed on %(day)s. Choose a day from "
                    "%(opened)s, when it was opened, to today (%(today)s).",
                    deal=vals.get("title"),
                    day=format_date(self.env, day),
                    opened=format_date(self.env, opened),
                    today=format_date(self.env, today),
                )
            )
        closed_at = max(self._at_noon(day, now), opened_at) if day else now
        return {
            "status": stage,
            "stage_since": closed_at,
            "actual_close_date": self._local_day(closed_at),
        }

    def write(self, vals):
        if RECORDED.isdisjoint(vals):
            return super().write(vals)
        self.check_access("write")
        self._check_fixed(vals)
        before = {deal: deal._value_state() for deal in self}
        kinds = {deal: deal.asset_type for deal in self}
        moves = self._moves(vals)
        result = super().write(vals)
        self._follow(moves)
        at = {move.deal: move.effective_at for move in moves}
        now = fields.Datetime.now()
        changes = [
            ValueChange(
                deal, at.get(deal, now), keeps_rate=deal._value_state() == before[deal]
            )
            for deal in self
            if (deal._value_state(), deal.asset_type) != (before[deal], kinds[deal])
        ]
        self._record(moves, changes)
        return result

    def action_cancel(self):
        """Stop pursuing open deals, without anybody having decided against them."""
        self.check_access("write")
        closed = self.filtered(lambda deal: deal.status != "open")
        if closed:
            raise UserError(self.env._("%s is not open.", closed[0].title))
        # The status is the engine's to write; who may change the deal was checked.
        self.sudo().write({"status": "cancelled"})

    def action_reopen(self):
        """Go on with closed and cancelled deals, where they were before."""
        self.check_access("write")
        for stage, deals in self.grouped(KpiDeal._stage_before_closing).items():
            deals.write({"pipeline_stage": stage})
        cancelled = self.filtered(lambda deal: deal.status == "cancelled")
        cancelled._check_may_reopen()
        # The status is the engine's to write; who may reopen deals was checked.
        cancelled.sudo().write({"status": "open"})

    def _stage_before_closing(self):
        if self.pipeline_stage not in CLOSED_STAGES:
            return self.pipeline_stage
        open_stages = self.stage_event_ids.filtered(
            lambda event: event.to_stage not in CLOSED_STAGES
        )
        return open_stages[:1].to_stage or FIRST_STAGE

    def _value_state(self):
        return tuple(self[name] for name in VALUE_FIELDS)

    def _check_fixed(self, vals):
        for name in FIXED:
            field = self._fields[name]
            if name in vals and any(
                deal[name]
                != field.convert_to_record(
                    field.convert_to_cache(vals[name], deal), deal
                )
                for deal in self
            ):
                raise UserError(
                    self.env._(
                        "“%s” is part of the deal's history and cannot be changed.",
                        field._description_string(self.env),
                    )
                )

    def _moves(self, vals):
        """The moves that writing ``vals`` makes, all to the same stage.

        :raises UserError: one of them cannot be, or the user may not make it
        """
        to_stage = vals.get("pipeline_stage")
        moved = self.filtered(lambda deal: to_stage and deal.pipeline_stage != to_stage)
        moved.filtered(lambda deal: deal.status != "open")._check_may_reopen()
        if "actual_close_date" in vals:
            (self - moved)._check_close_date(vals["actual_close_date"])
            if to_stage not in CLOSED_STAGES:
                moved._check_close_date(vals["actual_close_date"])
        now = fields.Datetime.now()
        note = self.env.context.get("move_note") or ""
        return [
            StageMove(
                deal,
                deal.pipeline_stage,
                to_stage,
                deal._get_move_time(vals, now),
                note,
            )
            for deal in moved
        ]

    def _check_may_reopen(self):
        manager = roles.MANAGER
        if self and not self.env.su and not self.env.user.has_group(manager):
            raise AccessError(
                self.env._("%s is closed. Only managers can reopen it.", self[0].title)
            )

    def _check_close_date(self, value):
        """Refuse a day of closing for deals that are not being closed."""
        day = fields.Date.to_date(value) or False
        for deal in self:
            if deal.actual_close_date != day:
                raise UserError(
                    self.env._(
                        "%s: the closing date is set when the deal is won or lost.",
                        deal.title,
                    )
                )

    def _get_move_time(self, vals, now):
        """Return when a move took effect: as given, on the day of closing, or now.

        :raises UserError: in the future, or before the move to the present stage
        """
        given = self.env.context.get("moved_at")
        day = fields.Date.to_date(vals.get("actual_close_date"))
        if given:
            at = self._parse_moment(given)
        else:
            at = self._at_noon(day, now) if day else now
        if at > now:
            raise UserError(
                self.env._("%s: a move cannot be in the future.", self.title)
            )
        if day and self.stage_since and at.date() == self.stage_since.date():
            at = max(at, self.stage_since)
        if self.stage_since and at < self.stage_since:
            raise UserError(
                self.env._(
                    "%(deal)s entered its current stage on %(day)s. A move "
                    "cannot be earlier.",
                    deal=self.title,
                    day=format_date(self.env, self._local_day(self.stage_since)),
                )
            )
        return at

    def _parse_moment(self, given):
        try:
            return fields.Datetime.to_datetime(given).replace(
                tzinfo=None, microsecond=0
            )
        except (AttributeError, TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "“%s” is not a valid date and time. Use 2026-01-31 10:00:00.", given
                )
            ) from error

    def _at_noon(self, day, now):
        """Noon of the user's ``day``, in UTC; not after now where it is today."""
        noon = self.env.tz.localize(datetime.combine(day, NOON))
        at = noon.astimezone(timezone.utc).replace(tzinfo=None)
        return min(at, now) if day == self._local_day(now) else at

    def _local_day(self, moment):
        return fields.Datetime.context_timestamp(self, moment).date()

    def _begin(self):
        """Begin the history of new deals; a closed one was opened before."""
        now = fields.Datetime.now()
        moves = []
        for deal in self:
            if deal.opened_at > now:
                raise UserError(
                    self.env._("%s: a deal cannot be opened in the future.", deal.title)
                )
            is_closed = deal.pipeline_stage in CLOSED_STAGES
            if not is_closed:
                deal._check_close_date(False)
            first = FIRST_STAGE if is_closed else deal.pipeline_stage
            moves.append(StageMove(deal, None, first, deal.opened_at))
            if is_closed:
                moves.append(
                    StageMove(deal, first, deal.pipeline_stage, deal.stage_since)
                )
        self._check_stage_complete()
        changes = [ValueChange(deal, deal.opened_at, "opened", "open") for deal in self]
        changes += [
            ValueChange(move.deal, move.effective_at)
            for move in moves
            if move.from_stage
        ]
        # What the deals are worth was written with their rows.
        self._append_history(moves, changes)

    # What follows is no change of its own: it does not come by “write” above.
    # pylint: disable=missing-return,super-method-mismatch

    def _follow(self, moves):
        """Bring status and dates in line with the stages come to."""
        deals_of = {}
        for move in moves:
            closes = move.to_stage in CLOSED_STAGES
            outcome = {
                "status": move.to_stage if closes else "open",
                "stage_since": move.effective_at,
                "actual_close_date": closes and self._local_day(move.effective_at),
            }
            if move.from_stage in CLOSED_STAGES and not closes:
                outcome["lost_reason_id"] = False
            deals_of.setdefault(tuple(outcome.items()), []).append(move.deal.id)
        for outcome, deal_ids in deals_of.items():
            # What follows from the stage is not the user's to write.
            super(KpiDeal, self.sudo().browse(deal_ids)).write(dict(outcome))
        self.browse([move.deal.id for move in moves])._check_stage_complete()

    def _check_stage_complete(self):
        """Refuse deals that lack what their stage asks for."""
        required = self.env["kpi.deal.stage"]._get_required_field_names()
        for deal in self:
            missing = [
                self._fields[name]._description_string(self.env)
                for name in required.get(deal.pipeline_stage, ())
                if not deal[name]
            ]
            if missing:
                stages = dict(
                    self._fields["pipeline_stage"]._description_selection(self.env)
                )
                raise UserError(
                    self.env._(
                        "%(deal)s: fill in %(missing)s before moving it to "
                        "“%(stage)s”.",
                        deal=deal.title,
                        stage=stages[deal.pipeline_stage],
                        missing=", ".join(missing),
                    )
                )

    def _record(self, moves, changes):
        """Add to the history, and store on the deals what they are worth now."""
        rows = self._append_history(moves, changes)
        self._keep_worth({row["deal_id"]: row for row in rows})
