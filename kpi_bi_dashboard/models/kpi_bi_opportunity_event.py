from odoo import api, fields, models
from odoo.tools import SQL

CHANGED = "kpi_bi_opportunity_event.changed"
# of a lead, what an event says of it
WATCHED = (
    "active", "company_id", "date_closed", "date_deadline", "expected_revenue",
    "probability", "stage_id", "type", "user_id", "won_status",
)  # fmt: skip


class KpiBiOpportunityEvent(models.Model):
    """What a lead was from a moment on; whoever changed it, nothing is ever changed.

    Odoo tracks a lead's stage and amount only, and only as long as there is the lead.
    A transaction leaves one event of each lead of which something differs from the
    last one; a probability that moves by less than a point waits for the next one.
    """

    _name = "kpi.bi.opportunity.event"
    _description = "Opportunity Change"
    _inherit = ["kpi.append.only.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "moment"

    # No foreign keys to what may be merged or deleted: what happened has happened.
    lead_key = fields.Integer("Lead ID", required=True)
    company_id = fields.Many2one(
        "res.company", ondelete="restrict", help="Blank for all companies."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    moment = fields.Datetime(required=True)
    state = fields.Selection(
        [
            ("lead", "Lead"),
            ("open", "Open Opportunity"),
            ("won", "Won"),
            ("lost", "Lost"),
            ("removed", "Merged or Deleted"),
        ],
        string="Status",
        required=True,
    )
    stage_key = fields.Integer("Stage ID")
    amount = fields.Monetary("Expected Revenue")
    probability = fields.Float()
    date_deadline = fields.Date("Expected Closing")
    closed_at = fields.Datetime("Closed")
    user_key = fields.Integer("Salesperson ID")
    is_partly_known = fields.Boolean(
        "Partly Known", help="Odoo tracked only stage and expected revenue."
    )

    _lead_idx = models.Index("(lead_key, id DESC)")

    @api.model
    def _follow(self, leads):
        """Leave events of these leads when the transaction ends."""
        hooks = self.env.cr.precommit
        changed = hooks.data.setdefault(CHANGED, set())
        if not changed and leads:
            # The engine writes events, whoever changes a lead.
            hooks.add(self.sudo()._record_changed)
        changed.update(leads.ids)

    @api.model
    def _record_changed(self):
        if keys := self.env.cr.precommit.data.pop(CHANGED, ()):
            self._record(SQL("SELECT unnest(%s) AS lead_key", sorted(keys)))

    @api.model
    def _record_all(self):
        """Catch up with what was changed by SQL, and before there were events."""
        self._backfill()
        known = SQL("SELECT lead_key FROM %s", SQL.identifier(self._table))
        self._record(SQL("SELECT id FROM crm_lead UNION %s", known))

    @api.model
    def _record(self, keys):
        """Add an event of each of the leads that differs from its last one.

        :param keys: SELECT of the ids, also of leads that are no more
        """
        self.env["crm.lead"].flush_model(WATCHED)
        self.env.cr.execute(SQL(_RECORD, keys=keys))
        self.invalidate_model()

    @api.model
    def _backfill(self):
        """Add what Odoo has tracked of leads that have no event yet."""
        self.env["crm.lead"].flush_model(WATCHED)
        self.env["mail.tracking.value"].flush_model()
        self.env["mail.message"].flush_model()
        lead_fields = self.env["ir.model.fields"]
        self.env.cr.execute(
            SQL(
                _BACKFILL,
                stage=lead_fields._get("crm.lead", "stage_id").id,
                amount=lead_fields._get("crm.lead", "expected_revenue").id,
            )
        )
        self.invalidate_model()


# What a lead is now, as the columns of an event.
_NOW = """
           lead.company_id,
           CASE WHEN lead.id IS NULL THEN 'removed'
                WHEN lead.won_status IN ('won', 'lost') THEN lead.won_status
                WHEN lead.type = 'lead' THEN 'lead'
                ELSE 'open'
            END AS state,
           lead.stage_id AS stage_key,
           lead.expected_revenue AS amount,
           lead.probability,
           lead.date_deadline,
           CASE WHEN lead.won_status IN ('won', 'lost') THEN lead.date_closed
            END AS closed_at,
           lead.user_id AS user_key
"""

_RECORD = f"""
    INSERT INTO kpi_bi_opportunity_event
                (lead_key, moment, company_id, state, stage_key, amount, probability,
                 date_deadline, closed_at, user_key)
    SELECT keys.lead_key, now() AT TIME ZONE 'UTC', new.*
      FROM (%(keys)s) AS keys (lead_key)
 LEFT JOIN LATERAL (
               SELECT *
                 FROM kpi_bi_opportunity_event
                WHERE lead_key = keys.lead_key
             ORDER BY id DESC
                LIMIT 1
           ) AS old ON TRUE
 LEFT JOIN crm_lead AS lead ON lead.id = keys.lead_key
CROSS JOIN LATERAL (SELECT {_NOW}) AS new
     WHERE CASE
               WHEN new.state = 'removed' THEN old.state != 'removed'
               ELSE (old.company_id, old.state, old.stage_key, old.amount,
                     old.date_deadline, old.closed_at, old.user_key)
                    IS DISTINCT FROM
                    (new.company_id, new.state, new.stage_key, new.amount,
                     new.date_deadline, new.closed_at, new.user_key)
                    OR abs(coalesce(old.probability, -1) - new.probability) >= 1
           END
  ORDER BY keys.lead_key
"""

# From each tracked change on a lead was what that says; before, what it says was there
# before; the last of these events says all that is known now, and of a lead that is
# closed stands where it was closed.
_BACKFILL = f"""
    WITH begun AS (
        SELECT id AS lead_key, create_date AS first,
               CASE WHEN won_status IN ('won', 'lost')
                    THEN greatest(date_closed, create_date)
                END AS closing
          FROM crm_lead
         WHERE id NOT IN (SELECT lead_key FROM kpi_bi_opportunity_event)
    ), tracked AS (
        SELECT begun.lead_key, value.id, value.field_id,
               least(greatest(message.date, begun.first), begun.closing) AS moment,
               value.old_value_integer AS old_stage,
               value.new_value_integer AS new_stage,
               value.old_value_float AS old_amount,
               value.new_value_float AS new_amount
          FROM begun
          JOIN mail_message AS message ON message.model = 'crm.lead'
                                      AND message.res_id = begun.lead_key
          JOIN mail_tracking_value AS value ON value.mail_message_id = message.id
         WHERE value.field_id IN (%(stage)s, %(amount)s)
    ), listed AS (
        SELECT lead_key, moment, id,
               CASE WHEN field_id = %(stage)s THEN new_stage END AS stage_key,
               CASE WHEN field_id = %(amount)s THEN new_amount END AS amount
          FROM tracked
     UNION ALL
        SELECT lead_key, first, 0,
               (array_agg(old_stage ORDER BY moment, id)
                    FILTER (WHERE field_id = %(stage)s))[1],
               (array_agg(old_amount ORDER BY moment, id)
                    FILTER (WHERE field_id = %(amount)s))[1]
          FROM begun
     LEFT JOIN tracked USING (lead_key)
      GROUP BY lead_key, first
     UNION ALL
        SELECT lead_key, closing, 2147483647, NULL, NULL
          FROM begun
         WHERE closing IS NOT NULL
    ), counted AS (
        SELECT *,
               count(stage_key) OVER known AS stage_run,
               count(amount) OVER known AS amount_run,
               lead(id) OVER known IS NULL AS is_last
          FROM listed
        WINDOW known AS (PARTITION BY lead_key ORDER BY moment, id)
    )
    INSERT INTO kpi_bi_opportunity_event
                (lead_key, moment, company_id, state, stage_key, amount, probability,
                 date_deadline, closed_at, user_key, is_partly_known)
    SELECT lead_key, moment, new.company_id,
           CASE WHEN is_last THEN new.state
                WHEN lead.type = 'lead' THEN 'lead'
                ELSE 'open'
            END,
           CASE WHEN is_last THEN new.stage_key
                ELSE coalesce(max(counted.stage_key)
                                  OVER (PARTITION BY lead_key, stage_run),
                              new.stage_key)
            END,
           CASE WHEN is_last THEN new.amount
                ELSE coalesce(max(counted.amount)
                                  OVER (PARTITION BY lead_key, amount_run),
                              new.amount)
            END,
           CASE WHEN is_last THEN new.probability END,
           CASE WHEN is_last THEN new.date_deadline END,
           CASE WHEN is_last THEN new.closed_at END,
           new.user_key, TRUE
      FROM counted
      JOIN crm_lead AS lead ON lead.id = lead_key
CROSS JOIN LATERAL (SELECT {_NOW}) AS new
  ORDER BY moment, counted.id, lead_key
"""
