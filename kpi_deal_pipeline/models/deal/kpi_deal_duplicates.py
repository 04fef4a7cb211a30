from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

from odoo.addons.kpi_base.actions import open_dialog, open_list
from odoo.addons.kpi_base.audit import parse_entry_values
from odoo.addons.kpi_base.formatting import (
    format_day,
    format_percent,
)

from .kpi_deal_stage import CLOSED_STAGES, PIPELINE_STAGES

ALIKE = ("partner_id", "property_id", "title")
STATE = {"lost_reason_id", "pipeline_stage", "status"}
# Field of an opportunity → that of its deal.
SAME = {
    "name": "title",
    "partner_id": "partner_id",
    "team_id": "team_id",
    "user_id": "agent_id",
    "date_deadline": "expected_close_date",
    "expected_revenue": "estimated_value_amount",
}
FOLLOWED = STATE | set(SAME.values()) | {"currency_id"}


class KpiDeal(models.Model):
    """A deal's moves and values in their order."""

    _name = "kpi.deal"
    _inherit = ["kpi.deal", "kpi.timeline.mixin"]

    duplicate_ids = fields.Many2many(
        "kpi.deal",
        string="Similar Deals",
        compute="_compute_duplicate_ids",
        help="Open deals of the same type and the same property, counterparty or "
        "title.",
    )
    duplicate_count = fields.Integer(compute="_compute_duplicate_ids")
    lead_id = fields.Many2one(
        "crm.lead",
        "Opportunity",
        copy=False,
        readonly=True,
        ondelete="set null",
        groups="sales_team.group_sale_salesman",
    )

    _lead_id_uniq = models.UniqueIndex(
        "(lead_id) WHERE lead_id IS NOT NULL", "This opportunity already has a deal."
    )

    @api.model
    def _search(self, domain, *args, **kwargs):
        # Opportunities that changed bring deals.
        self.env["crm.lead"]._sync_changed()
        return super()._search(domain, *args, **kwargs)

    def _timeline_selects(self):
        return [
            *super()._timeline_selects(),
            SQL(
                """
            SELECT 'stage', event.id, event.audit_log_id, event.changed_by,
                   event.effective_at, event.recorded_at, stages.seconds,
                   jsonb_build_object('from', event.from_stage, 'to', event.to_stage)
              FROM (%s) AS stages
              JOIN agent_deal_stage_events AS event ON event.id = stages.id
            """,
                self.env["kpi.deal.stage.event"]._durations_sql(self),
            ),
            SQL(
                """
            SELECT 'value', event.id, event.audit_log_id, event.changed_by,
                   event.effective_at, event.recorded_at, NULL::integer,
                   jsonb_build_object(
                       'cause', event.cause,
                       'amount', event.estimated_value_amount,
                       'currency', event.currency_id,
                       'confidence', event.confidence,
                       'agent', agent.name,
                       'asset_type', event.asset_type,
                       'day', event.expected_close_date,
                       'status', event.status)
              FROM agent_deal_value_events AS event
              JOIN res_users AS login ON login.id = event.agent_id
              JOIN res_partner AS agent ON agent.id = login.partner_id
             WHERE event.deal_id = %s
            """,
                self.id,
            ),
            self._select_entries("share", SQL("TRUE")),
            self._select_entries("contact", SQL("TRUE")),
            self._select_entries("commission", SQL("commission.id IS NOT NULL")),
        ]

    def _timeline_stage(self, rows):
        stages = dict(self._fields["pipeline_stage"]._description_selection(self.env))
        for row in rows:
            before = stages.get(row["details"]["from"])
            after = stages[row["details"]["to"]]
            yield {
                "title": self.env._(
                    "Stage: %(stage)s", stage=f"{before} → {after}" if before else after
                )
            }

    def _timeline_value(self, rows):
        causes = {
            "opened": self.env._("Deal opened"),
            "late_rate": self.env._("Converted after the exchange rate was added"),
            "corrected": self.env._("Closing date corrected"),
        }
        before = {}
        for row in rows:
            texts = self._value_texts(row["details"])
            lines = {
                label: f"{before[label]} → {text}" if before else text
                for label, text in texts.items()
                if before.get(label) != text
            }
            before = texts
            # Named by its cause, else by what it changed.
            title = causes.get(row["details"]["cause"])
            said = [f"{label}: {text}" for label, text in lines.items()]
            if not title and len(said) == 1:
                title = said.pop()
            labels = ", ".join(lines) or self.env._("Deal")
            yield {"title": title or self.env._("Changed: %s", labels), "lines": said}

    def _value_texts(self, worth):
        """Label → text of what a value event says."""
        statuses = dict(self._fields["status"]._description_selection(self.env))
        assets = dict(self._fields["asset_type"]._description_selection(self.env))
        currency = self.env["res.currency"].browse(worth["currency"])
        day = worth["day"]
        return {
            self.env._("Estimated value"): format_amount(
                self.env, worth["amount"], currency
            ),
            self.env._("Confidence"): format_percent(
                self.env, worth["confidence"], digits=0
            ),
            self.env._("Agent"): worth["agent"],
            self.env._("Asset type"): assets.get(worth["asset_type"], "–"),
            self.env._("Expected close"): format_day(self.env, day) if day else "–",
            self.env._("Status"): statuses[worth["status"]],
        }

    @api.depends("company_id", "deal_type", "status", *ALIKE)
    def _compute_duplicate_ids(self):
        alike = {name: self[name].ids for name in ("partner_id", "property_id")}
        alike["title"] = [title for title in self.mapped("title") if title]
        found = self.search(
            Domain("status", "=", "open")
            & Domain("company_id", "in", self.company_id.ids)
            & Domain.OR(Domain(name, "in", known) for name, known in alike.items())
        )
        by_key = defaultdict(self.browse)
        for deal in found:
            for key in deal._likenesses():
                by_key[key] |= deal
        for deal in self:
            same = self.browse().union(*(by_key[key] for key in deal._likenesses()))
            deal.duplicate_ids = same - deal._origin
            deal.duplicate_count = len(deal.duplicate_ids)

    def _likenesses(self):
        """List what another open deal has in common with this one if it is the same."""
        if self.status != "open":
            return []
        common = (self.company_id, self.deal_type)
        return [(*common, name, self[name]) for name in ALIKE if self[name]]

    def action_open_duplicates(self):
        """The deals that this one may be the same as."""
        self.ensure_one()
        return open_list(
            self.env,
            "kpi_deal_pipeline.kpi_deal_action",
            [("id", "in", (self | self.duplicate_ids).ids)],
            display_name=self.env._("Similar Deals"),
            views=[(False, "list"), (False, "kanban"), (False, "form")],
        )

    def _select_entries(self, kind, only):
        """Select entries, as ``_timeline_selects``, of what the audit log alone knows.

        Its texts are searched and not parsed by the database: they may have been
        tampered with.
        """
        return SQL(
            """
            SELECT %(kind)s, log.id, log.id, log.user_id, log.recorded_at,
                   log.recorded_at, NULL::integer,
                   jsonb_build_object(
                       'event', log.event_type,
                       'text', log.text,
                       'commission', commission.id,
                       'currency', commission.currency_id,
                       'agent', agent.name)
              FROM audit_logs AS log
         LEFT JOIN agent_commission_records AS commission
                ON commission.id
                   = substring(log.text FROM '"commission":([0-9]{1,9})')::integer
         LEFT JOIN res_users AS login
                ON login.id = coalesce(commission.agent_id, substring(
                       log.text FROM '"agent":([0-9]{1,9})')::integer)
         LEFT JOIN res_partner AS agent ON agent.id = login.partner_id
             WHERE log.model = 'kpi.deal'
               AND log.res_id = %(deal)s
               AND starts_with(log.event_type, %(events)s)
               AND %(only)s
            """,
            kind=kind,
            deal=self.id,
            events=f"deal_{kind}_",
            only=only,
        )

    def _timeline_share(self, rows):
        titles = self.env["kpi.audit.log"]._event_labels()
        for row in rows:
            values = parse_entry_values(row["details"]["text"])
            lines = [row["details"]["agent"] or ""]
            if values.get("percent"):
                share = float(values["percent"]) / 100
                lines.append(format_percent(self.env, share, 4))
            if values.get("from"):
                day = format_day(self.env, values["from"])
                lines.append(self.env._("From %s", day))
            if values.get("to"):
                # Stored is the day after the last one.
                last = fields.Date.subtract(fields.Date.to_date(values["to"]), days=1)
                lines.append(self.env._("Until %s", format_day(self.env, last)))
            yield {"title": titles.get(row["details"]["event"], ""), "lines": lines}

    def _timeline_contact(self, rows):
        titles = self.env["kpi.audit.log"]._event_labels()
        field = self.env["kpi.deal.contact"]._fields["contact_type"]
        types = dict(field._description_selection(self.env))
        for row in rows:
            values = parse_entry_values(row["details"]["text"])
            type_name = types.get(values.get("type"))
            yield {
                "title": titles.get(row["details"]["event"], ""),
                "lines": [type_name] if type_name else [],
            }

    @api.model
    def _web_read_group_format(self, groupby, aggregates, groups):
        """Columns of closed deals start folded: they grow without end."""
        result = super()._web_read_group_format(groupby, aggregates, groups)
        if groupby[:1] == ("pipeline_stage",):
            if self._web_read_group_field_expand(groupby):
                for group in result:
                    group["__fold"] = group["pipeline_stage"] in CLOSED_STAGES
        return result

    @api.model
    def _read_group_orderby(self, order, groupby_terms, query):
        """Stages come in their order, in pivots and graphs as on the board."""
        stage = groupby_terms.get("pipeline_stage")
        if not stage:
            return super()._read_group_orderby(order, groupby_terms, query)
        stages = [key for key, _label in PIPELINE_STAGES]
        groupby_terms["pipeline_stage"] = SQL(
            "array_position(%s::varchar[], %s)", stages, stage
        )
        ordered = super()._read_group_orderby(order, groupby_terms, query)
        groupby_terms["pipeline_stage"] = stage
        return ordered

    def action_move(self):
        """Ask for the stage: that of the button, else the one after the deal's."""
        stage = self.env.context.get("to_stage")
        if self and not stage:
            stages = [key for key, _label in PIPELINE_STAGES if key != "closed_lost"]
            following = dict(zip(stages, stages[1:], strict=False))
            stage = following.get(self[0].pipeline_stage)
        name, chosen = self.env._("Move Deal"), {"default_deal_ids": self.ids}
        return open_dialog(
            self.env["kpi.deal.move"], name, default_to_stage=stage, **chosen
        )

    def action_won(self):
        self.write({"pipeline_stage": "closed_won"})

    def _sync_leads(self, names):
        """Write what of ``names`` differs to the opportunities of deals."""
        maps = {}
        if not STATE.isdisjoint(names):
            maps = self.env["kpi.deal.crm.stage"]._maps(self.lead_id.team_id)
        for deal in self:
            deal._sync_lead(names, maps)

    def _sync_lead(self, names, maps):
        lead = self.lead_id
        if "currency_id" in names:
            names = {*names, "estimated_value_amount"}
        values = {
            name: self._fields[own].convert_to_write(self[own], self)
            for name, own in SAME.items()
            if own in names and not lead._agrees_with(self, name)
        }
        if self.agent_id.share:
            values.pop("user_id", None)
        if self.is_unpriced:
            # CRM knows no amount that is not there; it follows once there is a rate.
            values.pop("expected_revenue", None)
        if "expected_revenue" in values:
            rounded = self.company_currency_id.round(self.company_amount)
            values["expected_revenue"] = rounded
        if "user_id" in values:
            values["team_id"] = self.team_id.id  # CRM would look for one of its own
        if not STATE.isdisjoint(names):
            self._sync_lead_state(lead, maps[lead.team_id])
        if values:
            lead.write(values)

    def _sync_lead_state(self, lead, stages):
        """Win, lose, archive or move the opportunity as its deal was."""
        state = self.pipeline_stage, self.status
        if lead._deal_state(stages, self.pipeline_stage) == state:
            return
        if self.status == "closed_won":
            lead.action_set_won()
        elif self.status == "closed_lost":
            lead.action_set_lost(lost_reason_id=self.lost_reason_id.id)
        elif self.status == "cancelled":
            lead.active = False
        else:
            values = {}
            if not lead.active or lead.won_status != "pending":
                values = {"active": True, "lost_reason_id": False}
                values["probability"] = min(100 * self.confidence, 99)
            # It stays in its stage if that stands for the deal's, or if none does.
            fitting = [each for each in stages if stages[each] == self.pipeline_stage]
            if fitting and lead.stage_id not in fitting:
                values["stage_id"] = fitting[0].id
            if values:
                lead.write(values)

    def _timeline_rows(self):
        """Hide the commissions of others from those who see only the deal."""
        kinds = super()._timeline_rows()
        entries = kinds.get("commission", [])
        # Read as superuser, shown to those who may read them.
        commissions = self.env["kpi.commission"].sudo(False)
        commissions = commissions.browse(
            {row["details"]["commission"] for row in entries}
        )
        seen = commissions._filtered_access("read")._ids
        kinds["commission"] = [
            row for row in entries if row["details"]["commission"] in seen
        ]
        return kinds

    def _timeline_commission(self, rows):
        titles = self.env["kpi.audit.log"]._event_labels()
        field = self.env["kpi.commission"]._fields["status"]
        statuses = dict(field._description_selection(self.env))
        for row in rows:
            details = row["details"]
            values = parse_entry_values(details["text"])
            lines = [details["agent"]]
            if values.get("amount"):
                currency = self.env["res.currency"].browse(details["currency"])
                lines.append(format_amount(self.env, float(values["amount"]), currency))
            status = values.get("status")
            if values.get("from"):
                former = statuses.get(values["from"], "")
                lines.append(f"{former} → {statuses.get(status, '')}")
            if values.get("in_place_of"):
                # Logged by whoever decided; the name is shown to who sees the entry.
                absent = self.env["res.users"].sudo().browse(values["in_place_of"])
                lines.append(self.env._("On behalf of %s", absent.name))
            event = details["event"]
            title = titles.get(f"{event} {status}") or titles.get(event, "")
            yield {"title": title, "lines": lines}
