from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.rights import search_by

from ... import roles
from .kpi_deal import CLOSING, TERMS, VALUE_FIELDS, StageMove, ValueChange
from .kpi_deal_duplicates import FOLLOWED
from .kpi_deal_stage import CLOSED_STAGES

FIRST_STAGE = "lead_captured"
NOON = time(12)
FIXED = ("company_id", "opened_at")
FINAL = ("estimated_value_amount", "currency_id")  # of won deals
RECORDED = frozenset(
    {*VALUE_FIELDS, *FIXED, "actual_close_date", "asset_type", "pipeline_stage"}
)
CORRECTED = "corrected"
# Columns of value events: those that no float holds, and those of their entries.
EXACT = (
    "estimated_value_amount",
    "confidence",
    "rate",
    "company_amount",
    "weighted_amount",
)
OF_ENTRY = {"id", "changed_by", "recorded_at", "audit_log_id"}


class KpiDeal(models.Model):
    """A deal is where its last move brought it, and worth what the log says last.

    The day of closing is that of the last move in the time zone of who made it, so it
    may differ by one from that in UTC.
    """

    _name = _audited_model = "kpi.deal"
    _inherit = ["kpi.deal", "kpi.audited.row.mixin"]

    opened_at = fields.Datetime(
        "Opened On",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        help="Start of work on the deal.",
    )
    stage_since = fields.Datetime("In Stage Since", readonly=True, copy=False)
    is_rotting = fields.Boolean(
        "Too Long in Stage",
        compute="_compute_rotting",
        search=search_by("_get_rotting_domain"),
    )
    rotting_days = fields.Integer(
        "Days in Stage",
        compute="_compute_rotting",
        help="Shown if longer than usual.",
    )
    is_late = fields.Boolean(
        "Needs Attention",
        compute="_compute_late",
        search=search_by("_get_late_domain"),
        help="Open deal past its expected close or usual time in stage.",
    )
    is_overdue = fields.Boolean("Past Expected Close", compute="_compute_late")
    late_count = fields.Integer(
        "Deals That Need Attention",
        compute="_compute_late",
        aggregator="sum",
        exportable=False,
    )

    @api.model
    def _find_audited_faults(self, only):
        """Compare deals with their last events, which are compared with the log.

        A deal is not blamed where its event is not as the log says.
        """
        differing = self.env.execute_query(self._differing_sql(only))
        deal_ids = list({deal_id for deal_id, *_rest in differing})
        blamed = {
            (res_id, model)
            for model in {model for *_rest, model in differing}
            for res_id, *_rest in self.env[model]._find_audited_faults(
                lambda column: SQL("%s = ANY(%s)", column, deal_ids)
            )
        }
        return [
            (deal_id, seq, deal_id, 0)
            for deal_id, seq, model in differing
            if (deal_id, model) not in blamed
        ]

    @api.model
    def _differing_sql(self, only):
        """SELECT of deals that are not as their last events say, and of the entries of
        those; nothing is parsed or sorted while all is well.
        """

        def last_sql(table):
            return SQL(
                "SELECT * FROM %(table)s WHERE id IN ("
                "SELECT max(id) FROM %(table)s WHERE %(only)s GROUP BY deal_id)",
                table=SQL.identifier(table),
                only=only(SQL("deal_id")),
            )

        return SQL(
            """
            SELECT deal.id, coalesce(log.seq, 0), state.model
              FROM agent_deals AS deal
         LEFT JOIN (%(last_move)s) AS move ON move.deal_id = deal.id
         LEFT JOIN (%(last_value)s) AS value ON value.deal_id = deal.id
             CROSS JOIN LATERAL (VALUES
                   ('kpi.deal.stage.event', move.audit_log_id,
                    (deal.pipeline_stage, deal.stage_since)
                    IS NOT DISTINCT FROM (move.to_stage, move.effective_at)
                    AND (deal.status = 'open' OR deal.weighted_amount = 0)
                    AND CASE WHEN deal.pipeline_stage IN ('closed_won', 'closed_lost')
                        THEN abs(deal.actual_close_date - deal.stage_since::date) <= 1
                        ELSE deal.actual_close_date IS NULL END),
                   ('kpi.deal.value.event', value.audit_log_id,
                    (deal.agent_id, deal.asset_type, deal.company_amount,
                     coalesce(deal.confidence, 0), deal.currency_id,
                     deal.estimated_value_amount, deal.expected_close_date, deal.status)
                    IS NOT DISTINCT FROM
                    (value.agent_id, value.asset_type, value.company_amount,
                     value.confidence, value.currency_id, value.estimated_value_amount,
                     value.expected_close_date, value.status)
                    AND (deal.status <> 'open' OR deal.weighted_amount
                         IS NOT DISTINCT FROM value.weighted_amount))
                   ) AS state (model, log_id, fits)
         LEFT JOIN audit_logs AS log ON log.id = state.log_id
             WHERE %(only)s AND state.fits IS NOT TRUE
          ORDER BY deal.id, log.seq
            """,
            last_move=last_sql("agent_deal_stage_events"),
            last_value=last_sql("agent_deal_value_events"),
            only=only(SQL("deal.id")),
        )

    @api.model_create_multi
    def create(self, vals_list):
        deals = super().create(vals_list)
        deals._begin()
        deals.filtered(lambda deal: deal.status == "closed_won")._settle_commissions()
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
                    "%(deal)s cannot be closed on %(day)s. Choose a day between "
                    "%(opened)s (opened) and today (%(today)s).",
                    deal=vals.get("title"),
                    day=format_day(self.env, day),
                    opened=format_day(self.env, opened),
                    today=format_day(self.env, today),
                )
            )
        closed_at = max(self._at_noon(day, now), opened_at) if day else now
        return {
            "status": stage,
            "stage_since": closed_at,
            "actual_close_date": self._local_day(closed_at),
            "won_by_id": vals.get("agent_id") if stage == "closed_won" else False,
        }

    def write(self, vals):
        # What was changed in CRM before is not lost.
        self.env["crm.lead"]._sync_changed()
        won = self.filtered(lambda deal: deal.status == "closed_won")
        cancelled = self.filtered(lambda deal: deal.status == "cancelled")
        is_recorded = not RECORDED.isdisjoint(vals)
        if is_recorded:
            self.check_access("write")
            self._check_fixed(vals)
            self._check_final(vals)
            before = {deal: (deal._value_state(), deal.asset_type) for deal in self}
            moves = self._moves(vals)
        result = super().write(vals)
        if is_recorded:
            self._follow(moves)
            self._record(moves, self._find_value_changes(moves, before))
        if vals.get("status") == "open":
            cancelled._post_reopening_reason()
        if not FOLLOWED.isdisjoint(vals):
            # Who changes a deal changes its opportunity, without other rights in CRM.
            self.sudo().filtered("lead_id")._sync_leads(vals.keys())
        if not CLOSING.isdisjoint(vals):
            # Maintained by the engine, whoever closes the deal.
            new = (self - won).sudo().filtered(lambda deal: deal.status == "closed_won")
            for agent, deals in new.grouped("agent_id").items():
                deals.won_by_id = agent
            self._settle_commissions()
        elif won and not TERMS.isdisjoint(vals):
            won._settle_commissions()
        return result

    def _check_fixed(self, vals):
        """Refuse to change what the deal's history stands on."""
        for name in FIXED:
            if self._find_differing(name, vals):
                raise UserError(
                    self.env._(
                        "“%s” is part of the deal's history and cannot be changed.",
                        self._fields[name]._description_string(self.env),
                    )
                )

    def _check_final(self, vals):
        """Refuse to change the value of won deals that stay won.

        Automation may: deals follow the revenue of their opportunities.
        """
        if self.env.su or vals.get("pipeline_stage", "closed_won") != "closed_won":
            return
        won = self.filtered(lambda deal: deal.status == "closed_won")
        differing = {name: won._find_differing(name, vals) for name in FINAL}
        changed = self.browse().union(*differing.values())
        if changed:
            names = [
                self._fields[name]._description_string(self.env)
                for name, deals in differing.items()
                if deals
            ]
            raise UserError(
                self.env._(
                    "%(deal)s is won. These fields cannot be changed: %(fields)s. "
                    "A deal manager can reopen the deal.",
                    deal=changed[0].title,
                    fields=", ".join(names),
                )
            )

    def _find_differing(self, name, vals):
        """Find the deals on which writing ``vals`` would change the field ``name``."""
        if name not in vals:
            return self.browse()
        field = self._fields[name]
        return self.filtered(
            lambda deal: (
                deal[name]
                != field.convert_to_record(
                    field.convert_to_cache(vals[name], deal), deal
                )
            )
        )

    def _find_value_changes(self, moves, before):
        """``ValueChange`` of each deal whose value or asset type is not as before."""
        at = {move.deal: move.effective_at for move in moves}
        now = fields.Datetime.now()
        return [
            ValueChange(
                deal,
                at.get(deal, now),
                keeps_rate=deal._value_state() == before[deal][0],
            )
            for deal in self
            if (deal._value_state(), deal.asset_type) != before[deal]
        ]

    def action_cancel(self):
        """Stop pursuing open deals, without anybody having decided against them."""
        self.check_access("write")
        closed = self.filtered(lambda deal: deal.status != "open")
        if closed:
            raise UserError(self.env._("%s is not open.", closed[0].title))
        # The status is the engine's to write; who may change the deal was checked.
        self.sudo().write({"status": "cancelled"})

    def action_ask_reopen(self):
        """Ask why a closed or cancelled deal is reopened, and moved to ``to_stage``."""
        self.ensure_one()
        self._check_may_reopen()
        return open_dialog(
            self.env["kpi.deal.reopening"],
            self.env._("Reopen Deal"),
            default_deal_id=self.id,
            default_to_stage=self.env.context.get("to_stage")
            or self._stage_before_closing(),
        )

    def _reopen(self, reason, to_stage=False):
        """Reopen a deal in a stage: by default the last one in which it was open.

        :raises UserError: without a reason, or if the deal is open
        """
        self.ensure_one()
        deal = self.with_context(move_note=reason)
        if to_stage and to_stage != deal.pipeline_stage:
            deal._check_not_open()
            deal.write({"pipeline_stage": to_stage})
        else:
            deal.action_reopen()

    def action_reopen(self):
        """Go on with closed and cancelled deals, where they were before.

        The new stage event, or else the chatter, has ``move_note`` of the context.
        """
        self.check_access("write")
        self._check_not_open()
        self._check_may_reopen()
        self._check_reopening_reason()
        for stage, deals in self.grouped(KpiDeal._stage_before_closing).items():
            deals.write({"pipeline_stage": stage})
        cancelled = self.filtered(lambda deal: deal.status == "cancelled")
        # The status is the engine's to write; who may reopen deals was checked.
        cancelled.sudo().write({"status": "open"})

    def _post_reopening_reason(self):
        """Post why cancelled deals are open again: ``move_note`` of the context.

        They never left their stage: there is no move that could have the reason.
        """
        if reason := self.env.context.get("move_note"):
            for deal in self:
                deal.message_post(body=self.env._("Reopened: %s", reason))

    def _check_not_open(self):
        still_open = self.filtered(lambda deal: deal.status == "open")
        if still_open:
            raise UserError(self.env._("%s is already open.", still_open[0].title))

    def _stage_before_closing(self):
        if self.pipeline_stage not in CLOSED_STAGES:
            return self.pipeline_stage
        open_stages = self.stage_event_ids.filtered(
            lambda event: event.to_stage not in CLOSED_STAGES
        )
        return open_stages[:1].to_stage or FIRST_STAGE

    def _value_state(self):
        return tuple(self[name] for name in VALUE_FIELDS)

    def _moves(self, vals):
        """The moves that writing ``vals`` makes, all to the same stage."""
        to_stage = vals.get("pipeline_stage")
        moved = self.filtered(lambda deal: to_stage and deal.pipeline_stage != to_stage)
        closed = moved.filtered(lambda deal: deal.status != "open")
        closed._check_may_reopen()
        closed._check_reopening_reason()
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
        if self and not self.env.su and not self.env.user.has_group(roles.MANAGER):
            raise AccessError(
                self.env._(
                    "%s is closed. Only deal managers can reopen it.", self[0].title
                )
            )

    def _check_reopening_reason(self):
        """Refuse people to move closed deals without saying why."""
        reason = str(self.env.context.get("move_note") or "").strip()
        if self and not self.env.su and not reason:
            raise UserError(
                self.env._(
                    "%s is closed. Enter a reason for reopening it.", self[0].title
                )
            )

    def _check_close_date(self, value):
        """Refuse a day of closing for deals that are not being closed."""
        day = fields.Date.to_date(value) or False
        for deal in self:
            if deal.actual_close_date != day:
                raise UserError(
                    self.env._(
                        "%s: the closing date is set automatically. Deal "
                        "administrators can change it with “Correct”.",
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
                    "%(deal)s entered its current stage on %(day)s. Choose that "
                    "day or later.",
                    deal=self.title,
                    day=format_day(self.env, self._local_day(self.stage_since)),
                )
            )
        return at

    def _parse_moment(self, given):
        try:
            return fields.Datetime.to_datetime(given).replace(
                tzinfo=None, microsecond=0
            )
        except (AttributeError, TypeError, ValueError) as error:
            said = self.env._(
                "“%s” is not a valid date and time. Use the format 2026-01-31 "
                "10:00:00.",
                given,
            )
            raise UserError(said) from error

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
        self._record(moves, changes)

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
            names = required.get(deal.pipeline_stage, ())
            missing = [name for name in names if not deal[name]]
            if missing:
                self._refuse_incomplete(deal.title, deal.pipeline_stage, missing)

    @api.model
    def _refuse_incomplete(self, title, stage, missing):
        """
        :param missing: names of the fields that a deal lacks for the stage
        :raises UserError: always
        """
        stages = dict(self._fields["pipeline_stage"]._description_selection(self.env))
        labels = [self._fields[name]._description_string(self.env) for name in missing]
        raise UserError(
            self.env._(
                "%(deal)s: fill in %(missing)s before moving it to “%(stage)s”.",
                deal=title,
                stage=stages[stage],
                missing=", ".join(labels),
            )
        )

    def action_correct_closing(self):
        """Ask for the right day."""
        self.ensure_one()
        name, dialog = self.env._("Correct Closing Date"), self.env["kpi.deal.closing"]
        return open_dialog(dialog, name, default_deal_id=self.id)

    def _correct_closing(self, day, reason):
        """Say that a closed deal was closed on another day.

        :raises AccessError: who is no administrator of deals
        :raises UserError: the deal is not closed, or cannot have been on that day
        """
        self.ensure_one()
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(roles.ADMIN):
            raise AccessError(
                self.env._("Only deal administrators can correct the closing date.")
            )
        if self.status not in CLOSED_STAGES:
            raise UserError(self.env._("%s is not closed.", self.title))
        if not (reason or "").strip():
            raise UserError(self.env._("Enter a reason for the correction."))
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
        self._settle_commissions()

    def _prepare_correction(self, day):
        """The ``Correction`` to a day on which the deal can have been closed."""
        now = fields.Datetime.now()
        entered_at, open_stage, open_from = self._find_stage_left(day)
        corrected_at = self._at_noon(day, now)
        first, today = self._local_day(entered_at), self._local_day(now)
        if day == self.actual_close_date:
            raise UserError(
                self.env._(
                    "%(deal)s already has the closing date %(day)s.",
                    deal=self.title,
                    day=format_day(self.env, day),
                )
            )
        if not first <= day <= today:
            raise UserError(
                self.env._(
                    "%(deal)s cannot be closed on %(day)s. Choose a day between "
                    "%(first)s (start of last open stage) and today (%(today)s).",
                    deal=self.title,
                    day=format_day(self.env, day),
                    first=format_day(self.env, first),
                    today=format_day(self.env, today),
                )
            )
        return Correction(
            self.stage_since,
            max(corrected_at, entered_at),
            open_stage,
            self.pipeline_stage,
            open_from,
        )

    def _find_stage_left(self, day):
        """When the deal came into the stage before its closing, and which one.

        Where it was opened again only after ``day``, that was no part of its course,
        and neither is the closing before: an import notices both on its own day.

        :return: last, the moment from which it was closed, up to the right one
        """
        stays = [(self.opened_at, self.pipeline_stage)]
        for moment, event in self._last_events(self.stage_event_ids).items():
            if moment < self.stage_since and event.to_stage != stays[-1][1]:
                stays.append((moment, event.to_stage))
        open_from = self.stage_since
        while day < self._local_day(stays[-1][0]) and any(
            stage in CLOSED_STAGES for _moment, stage in stays[1:][-2:]
        ):
            stays.pop()
            while len(stays) > 1 and stays[-1][1] in CLOSED_STAGES:
                open_from, _stage = stays.pop()
        return *stays[-1], open_from

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
        at, moves = correction.corrected_at, []
        for moment, event in self._last_events(self.stage_event_ids).items():
            if correction.open_from <= moment < at and event.to_stage in CLOSED_STAGES:
                moves.append(StageMove(self, event.to_stage, opened, moment, reason))
            elif at < moment < correction.closed_at and event.to_stage != closed:
                moves.append(StageMove(self, opened, closed, moment, reason))
        return [*moves, StageMove(self, opened, closed, at, reason)]

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
        key = (self.company_id.id, last[-1]["currency_id"], at.date())
        priced = self._prepare_priced_values(last[-1], self._company_rates([key])[key])
        outcome = {"status": correction.closed_stage, "cause": CORRECTED}
        closing = {**last[-1], **priced, **outcome}
        rows = {
            moment: {**row, "status": "open", "cause": CORRECTED}
            for moment, row in worth.items()
            if correction.open_from <= moment < at
        }
        rows[at] = {**closing, "effective_at": at}
        for moment, row in worth.items():
            if moment > at and (moment <= closed_at or row["cause"] == CORRECTED):
                rows[moment] = {**closing, "effective_at": moment}
        now = max(*worth, at)
        rows.setdefault(now, worth.get(now))
        return list(rows.values())

    def _read_worth(self):
        """Columns of value events in their order, amounts as ``Decimal``."""
        statement = """
            SELECT *, estimated_value_amount::text, confidence::text, rate::text,
                   company_amount::text, weighted_amount::text
              FROM agent_deal_value_events
             WHERE deal_id = %s
          ORDER BY effective_at, id
        """
        rows = self.env.execute_query_dict(SQL(statement, self.id))
        return [
            {name: value for name, value in row.items() if name not in OF_ENTRY}
            | {name: row[name] and Decimal(row[name]) for name in EXACT}
            for row in rows
        ]

    @api.depends("pipeline_stage", "stage_since", "status")
    def _compute_rotting(self):
        now = fields.Datetime.now()
        norms = self.env["kpi.deal.stage"]._norms()
        for deal in self:
            norm = norms.get(deal.pipeline_stage)
            days = (now - (deal.stage_since or now)).days
            deal.is_rotting = deal.status == "open" and norm and days >= norm
            deal.rotting_days = deal.is_rotting and days

    def _get_rotting_domain(self):
        now = fields.Datetime.now()
        late = Domain.OR(
            Domain("pipeline_stage", "=", stage)
            & Domain("stage_since", "<=", now - timedelta(days=days))
            for stage, days in self.env["kpi.deal.stage"]._norms().items()
        )
        return Domain("status", "=", "open") & late

    @api.depends("expected_close_date", "is_rotting", "status")
    def _compute_late(self):
        today = fields.Date.context_today(self)
        for deal in self:
            day, is_open = deal.expected_close_date, deal.status == "open"
            deal.is_overdue = is_open and day and day < today
            deal.is_late = is_open and (deal.is_overdue or deal.is_rotting)
            deal.late_count = int(deal.is_late)

    def _get_late_domain(self):
        today = fields.Date.context_today(self)
        is_past = Domain("expected_close_date", "<", today)
        overdue = Domain("status", "=", "open") & is_past
        return overdue | Domain("is_rotting", "=", True)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Count late deals in the statement that sums up the columns of the board."""
        if aggregate_spec != "late_count:sum":
            return super()._read_group_select(aggregate_spec, query)
        late = Domain("is_late", "=", True).optimize_full(self)
        return SQL("COUNT(*) FILTER (WHERE %s)", late._to_sql(self, self._table, query))


@dataclass(frozen=True)
class Correction:
    """Moments of a closing, in UTC, and the stages before and after it.

    :ivar open_from: what closed the deal since then, before the right moment, did not
    """

    closed_at: datetime
    corrected_at: datetime
    open_stage: str
    closed_stage: str
    open_from: datetime
