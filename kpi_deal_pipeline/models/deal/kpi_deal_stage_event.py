from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import moment_text_sql
from odoo.addons.kpi_base.columns import Choices, add_generated_columns

from .kpi_deal_stage import PIPELINE_STAGES

# Options of links in rows that are never changed.
FIXED = {"required": True, "readonly": True, "ondelete": "restrict"}


class KpiDealStageEvent(models.Model):
    """A move of a deal from one stage to another."""

    _name = "kpi.deal.stage.event"
    _description = "Deal Stage Change"
    _table = "agent_deal_stage_events"
    _inherit = ["kpi.audited.event.mixin"]
    _audited_model, _audited_link = "kpi.deal", "deal_id"
    _audited_event = "deal_stage_transition"
    _rec_name = "to_stage"
    _kpi_measurable = True

    deal_id = fields.Many2one("kpi.deal", **FIXED)
    from_stage = fields.Selection(PIPELINE_STAGES, readonly=True)
    to_stage = fields.Selection(PIPELINE_STAGES, required=True, readonly=True)
    note = fields.Text(
        compute="_compute_note",
        help=("Can be erased; the audit log stores only a hash."),
    )
    duration_seconds = fields.Integer(
        string="Duration (Seconds)",
        compute="_compute_duration_seconds",
        help="Time in the stage (so far, for the current stage). 0 when closed.",
        exportable=False,
    )

    _from_stage_choices = Choices("from_stage")
    _to_stage_choices = Choices("to_stage")
    _deal_id_recorded_at_idx = models.Index("(deal_id, recorded_at)")
    _to_stage_recorded_at_idx = models.Index("(to_stage, recorded_at DESC)")

    # pylint: disable-next=missing-return  # Odoo's returns nothing
    def init(self):
        super().init()
        add_generated_columns(
            self.env, self._table, created_at="recorded_at", updated_at="recorded_at"
        )

    @api.depends("audit_log_id")
    def _compute_note(self):
        # The rest of the log is for administrators; who sees the move sees its note.
        personal = self.env["kpi.audit.personal"].sudo()
        # As above.
        entries = {event: event.sudo().audit_log_id.id for event in self}
        found = personal.search_fetch(
            [("log_id", "in", list(entries.values())), ("name", "=", "note")],
            ["log_id", "text"],
        )
        notes = {each.log_id.id: each.text for each in found}
        for event, entry_id in entries.items():
            event.note = notes.get(entry_id, False)

    @api.depends("deal_id.pipeline_stage")
    def _compute_duration_seconds(self):
        durations = dict(self.env.execute_query(self._durations_sql(self.deal_id)))
        for event in self:
            event.duration_seconds = durations.get(event.id, 0)

    @api.model
    def _durations_sql(self, deals):
        """SELECT of the events of ``deals``, and how long each stage lasted."""
        return SQL(
            """
            SELECT id, extract(epoch FROM until - effective_at)::integer AS seconds
              FROM (
                SELECT id, effective_at,
                       coalesce(
                         lead(effective_at) OVER (
                           PARTITION BY deal_id ORDER BY effective_at, id),
                         CASE WHEN to_stage NOT IN ('closed_won', 'closed_lost')
                              THEN %(now)s ELSE effective_at END) AS until
                  FROM agent_deal_stage_events
                 WHERE deal_id = ANY(%(deals)s)
              ) AS stages
            """,
            deals=deals.ids,
            now=fields.Datetime.now(),
        )

    @api.model
    def _get_audited_members(self):
        return {
            "effective_at": moment_text_sql(SQL("event.effective_at")),
            "from_stage": SQL("event.from_stage"),
            "to_stage": SQL("event.to_stage"),
        }
