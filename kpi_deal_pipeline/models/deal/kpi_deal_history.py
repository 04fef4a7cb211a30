from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import AuditEvent, moment_text

VALUE_FIELDS = (
    "agent_id",
    "confidence",
    "currency_id",
    "estimated_value_amount",
    "expected_close_date",
    "status",
)


@dataclass(frozen=True)
class StageMove:
    """A deal coming into a stage; from none when it is new."""

    deal: models.BaseModel
    from_stage: str | None
    to_stage: str
    effective_at: datetime
    note: str = ""


@dataclass(frozen=True)
class ValueChange:
    """Value of a deal, and its agent, from a moment on.

    :param status: where it was another one than the deal has now
    :param keeps_rate: the deal is worth what it was
    """

    deal: models.BaseModel
    effective_at: datetime
    cause: str = "changed"
    status: str = ""
    keeps_rate: bool = False


class KpiDeal(models.Model):
    """Stored history of a deal: added with each change, and never changed."""

    _inherit = "kpi.deal"

    stage_event_ids = fields.One2many(
        "kpi.deal.stage.event", "deal_id", "Stages", readonly=True, copy=False
    )
    value_event_ids = fields.One2many(
        "kpi.deal.value.event", "deal_id", "Values", readonly=True, copy=False
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_history(self):
        # Every deal has one, whatever the user may see of it.
        raise UserError(
            self.env._(
                "Deals cannot be deleted because of their history. Cancel or "
                "archive %s instead.",
                ", ".join(self.mapped("title")[:3]),
            )
        )

    @api.model
    def _append_history(self, moves, changes):
        """Add to the history and to the audit log, in a constant number of statements.

        :param moves: list of ``StageMove``, of one deal in the order they took effect
        :param changes: list of ``ValueChange``; what the deals are worth now
        :return: the columns of the value events, in the order of ``changes``
        """
        deals = self.browse(list({each.deal.id for each in (*moves, *changes)}))
        # The deal before the end of its chain, in all transactions: else two of them
        # would wait for each other.
        deals.flush_recordset()
        value_rows = self._value_rows(changes)
        self._insert_history(moves, value_rows)
        return value_rows

    @api.model
    def _insert_history(self, moves, value_rows):
        """Add moves and columns of value events, with their entries of the log."""
        entries = self.env["kpi.audit.log"]._append(
            [self._move_event(move) for move in moves]
            + [self._change_event(row) for row in value_rows]
        )
        # One moment for all; few may read the log, and when it was is no secret.
        logged_at = entries[:1].sudo().recorded_at
        common = {"changed_by": self.env.uid, "recorded_at": logged_at}
        self.env["kpi.deal.stage.event"]._insert(
            [
                {
                    **common,
                    "deal_id": move.deal.id,
                    "from_stage": move.from_stage,
                    "to_stage": move.to_stage,
                    "effective_at": move.effective_at,
                    "audit_log_id": entry.id,
                }
                for move, entry in zip(moves, entries, strict=False)
            ]
        )
        self.env["kpi.deal.value.event"]._insert(
            [
                {**common, **row, "audit_log_id": entry.id}
                for row, entry in zip(value_rows, entries[len(moves) :], strict=True)
            ]
        )
        deal_ids = {move.deal.id for move in moves}
        deal_ids |= {row["deal_id"] for row in value_rows}
        self.env["kpi.deal.stage.interval"]._rebuild(self.browse(list(deal_ids)))

    @api.model
    def _value_rows(self, changes):
        """Columns of the value events, priced at the day they take effect."""
        keys = [
            (
                change.deal.company_id.id,
                change.deal.currency_id.id,
                change.effective_at.date(),
            )
            for change in changes
        ]
        rates = self._company_rates(keys)
        former = self._last_rates([each.deal.id for each in changes if each.keeps_rate])
        worth = {
            deal.id: deal._prepare_worth_columns()
            for deal in self.browse({change.deal.id for change in changes})
        }
        return [
            {
                **worth[change.deal.id],
                "cause": change.cause,
                "effective_at": change.effective_at,
                "status": change.status or change.deal.status,
                **self._prepare_priced_values(
                    worth[change.deal.id],
                    former[change.deal.id] if change.keeps_rate else rates[key],
                ),
            }
            for change, key in zip(changes, keys, strict=True)
        ]

    def _prepare_worth_columns(self):
        """Prepare the columns that all value events have of the deal as it is now."""
        amount, confidence = self._exact_value()
        return {
            "deal_id": self.id,
            "estimated_value_amount": amount,
            "currency_id": self.currency_id.id,
            "confidence": confidence,
            "agent_id": self.agent_id.id,
            "asset_type": self.asset_type or None,
            "expected_close_date": self.expected_close_date or None,
        }

    @api.model
    def _last_rates(self, deal_ids):
        """Id of a deal → rate of its last value event as ``Decimal``, or None."""
        if not deal_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (deal_id) deal_id, rate::text
                  FROM agent_deal_value_events
                 WHERE deal_id = ANY(%s)
              ORDER BY deal_id, effective_at DESC, id DESC
                """,
                deal_ids,
            )
        )
        return {deal_id: rate and Decimal(rate) for deal_id, rate in rows}

    @api.model
    def _move_event(self, move):
        return AuditEvent(
            move.deal,
            "deal_stage_transition",
            {
                "effective_at": moment_text(move.effective_at),
                "from_stage": move.from_stage,
                "to_stage": move.to_stage,
            },
            {"note": move.note} if move.note else {},
        )

    @api.model
    def _change_event(self, row):
        currency = self.env["res.currency"].browse(row["currency_id"])
        values = {
            name: _format_log_value(value)
            for name, value in row.items()
            if name != "deal_id"
        }
        values["effective_at"] = moment_text(row["effective_at"])
        values["currency_id"] = currency.name
        if not values["asset_type"]:
            del values["asset_type"]  # as “_canonical_members_sql” of the event
        return AuditEvent(self.browse(row["deal_id"]), "deal_value_change", values)


def _format_log_value(value):
    """A column's value as entries hold it: amounts as PostgreSQL writes them."""
    if value is None or isinstance(value, int):
        return value
    return f"{value:f}" if isinstance(value, Decimal) else str(value)  # not 0E-8
