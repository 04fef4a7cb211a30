import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS
from odoo.addons.kpi_tracking.models.fact.kpi_measurement_labels import label_periods

from ..rule.kpi_smart_alert import ALERT_TYPES, COMPARED, SEVERITIES

STATES = [
    ("firing", "Firing"),
    ("acknowledged", "Acknowledged"),
    ("snoozed", "Snoozed"),
    ("resolved", "Resolved"),
]
RESOLUTIONS = [
    ("cleared", "By itself"),
    ("corrected", "Value corrected"),
    ("person", "By a person"),
    ("rule", "Rule changed"),
    ("kpi", "KPI archived"),
]
# Places in an order, for fields whose values are words.
RANKS = {
    "severity": {key: rank for rank, (key, _label) in enumerate(SEVERITIES)},
    "state": {"firing": 0, "acknowledged": 1, "snoozed": 1, "resolved": 2},
}


class KpiAlertEvent(models.Model):
    """A rule's condition holds for a KPI, until it clears or somebody resolves it.

    Only the engine writes it; people act by the methods of its states.
    """

    _name = "kpi.alert.event"
    _description = "KPI Alert"
    _inherit = ["kpi.readable.mixin", "kpi.readonly.mixin", "kpi.thread.mixin"]
    # What waits before what somebody has; of these the worse and the newer ones first.
    _order = "state, severity desc, fired_at desc, id desc"
    _rec_name = "name"
    _readable_by = ("report_id", "alert_id")
    _mail_post_access = "read"

    name = fields.Char(compute="_compute_name")
    alert_id = fields.Many2one(
        "kpi.smart.alert", "Rule", readonly=True, ondelete="set null", index=True
    )
    rule_name = fields.Char(required=True, readonly=True)
    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="report_id.company_id", store=True, precompute=True, index=True
    )
    # whose rule it is, where only they are told
    personal_user_id = fields.Many2one(
        "res.users", "Only For", readonly=True, ondelete="cascade", index=True
    )
    alert_type = fields.Selection(ALERT_TYPES, required=True, readonly=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    compared = fields.Selection(COMPARED, readonly=True)

    # what was found, as the latest evaluation has it
    grain = fields.Selection(GRAINS, "Period Length", required=True, readonly=True)
    period_start = fields.Date("Period", required=True, readonly=True)
    since_period = fields.Date(readonly=True, help="First of the periods in a row.")
    value = OptionalFloat(readonly=True, aggregator=False)
    measured = OptionalFloat(
        "Compared Number",
        readonly=True,
        aggregator=False,
        help="What was compared: the value, or its share, achievement or change.",
    )
    limit = OptionalFloat(readonly=True, aggregator=False)
    details = fields.Json(readonly=True)

    # its course
    state = fields.Selection(
        STATES, required=True, readonly=True, default="firing", index=True
    )
    fired_at = fields.Datetime("Since", required=True, readonly=True)
    evaluated_at = fields.Datetime("Last Evaluated", readonly=True)
    assignee_id = fields.Many2one(
        "res.users", "Assigned To", readonly=True, ondelete="set null", index=True
    )
    acknowledged_at = fields.Datetime(readonly=True)
    acknowledged_by_id = fields.Many2one(
        "res.users", readonly=True, ondelete="set null"
    )
    snoozed_until = fields.Datetime(readonly=True)
    resolved_at = fields.Datetime(readonly=True)
    resolved_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    resolution = fields.Selection(RESOLUTIONS, "Resolved How", readonly=True)
    resolution_note = fields.Char("Resolved Because", readonly=True)
    reason_id = fields.Many2one(
        "kpi.alert.reason", "Reason Given", readonly=True, ondelete="restrict"
    )
    addressee_ids = fields.Many2many(
        "res.users",
        "kpi_alert_event_told_rel",
        string="Addressed To",
        readonly=True,
        exportable=False,
        groups="base.group_system",
        help="Whom it concerns by its rule: they can act on it, told or not.",
    )
    next_step_at = fields.Datetime(
        "Next Step", readonly=True, help="Escalation, reminder or end of a snooze."
    )

    period_label = fields.Char("Period Name", compute="_compute_period_label")
    can_act = fields.Boolean(compute="_compute_can_act", exportable=False)
    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")

    _open_uniq = models.UniqueIndex(
        "(alert_id, report_id) WHERE state <> 'resolved'",
        "This rule has an open alert of this KPI already.",
    )
    _report_idx = models.Index("(report_id, fired_at DESC)")
    _step_idx = models.Index(
        "(next_step_at) WHERE state <> 'resolved' AND next_step_at IS NOT NULL"
    )

    @api.depends("report_id.name", "rule_name")
    def _compute_name(self):
        for event in self:
            event.name = f"{event.rule_name}: {event.report_id.name}"

    @api.depends("report_id", "grain", "period_start")
    def _compute_period_label(self):
        label_periods(self)

    @api.depends("report_id", "assignee_id", "addressee_ids", "personal_user_id")
    @api.depends_context("uid")
    def _compute_can_act(self):
        editable = self.report_id._filtered_access("write")
        for event in self:
            event.can_act = event.report_id in editable or event._is_concerned()

    def _is_concerned(self):
        """Whether the alert is addressed to the user, or is theirs to look after."""
        # Whom it is addressed to is no secret from themselves.
        event, user = self.sudo(), self.env.user
        responsible = event.report_id.owner_id | event.assignee_id
        return user in (responsible | event.addressee_ids | event.personal_user_id)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Severities by how bad they are, states by who has to do something."""
        ranks = RANKS.get(field_name)
        if not ranks:
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        sql_field = self._field_to_sql(alias, field_name, query)
        query._order_groupby.append(sql_field)
        rank = SQL("(%s::jsonb->>%s)::int", json.dumps(ranks), sql_field)
        return SQL("%s %s", rank, direction)
