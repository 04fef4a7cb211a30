from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine.money import exact, exact_sum
from odoo.addons.kpi_base.fields import ExactMonetary, OptionalMonetary
from odoo.addons.kpi_base.formatting import format_number
from odoo.addons.kpi_base.repeat import repeat_late
from odoo.addons.kpi_base.rights import search_by

from ...engine.kinds import DEAL_ASSET_TYPES, DEAL_TYPES, PIPELINE_STAGES
from ...roles import get_agents_domain

DEAL_STATUSES = [
    ("open", "Open"),
    ("closed_won", "Won"),
    ("closed_lost", "Lost"),
    ("cancelled", "Canceled"),
]
LARGEST_UNITS = Decimal(10) ** 14
EXACT = Decimal("1e-8")  # what the columns hold
RATE_EXACT = Decimal("1e-15")
PRICED_AT_ONCE = 200  # deals, before the next commit
CLOSING = {"status", "pipeline_stage", "actual_close_date"}
# What plans compute on; who won the deal stays whoever looks after it later.
TERMS = {"estimated_value_amount", "currency_id", "asset_type"}
VALUE_FIELDS = (
    "agent_id",
    "confidence",
    "currency_id",
    "estimated_value_amount",
    "expected_close_date",
    "status",
)


class KpiDeal(models.Model):
    """An opportunity in any class of assets, from the first contact to its closing."""

    _name = "kpi.deal"
    _description = "Deal"
    _table = "agent_deals"
    _inherit = [
        "kpi.access.mixin",
        "kpi.findable.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
        "kpi.led.mixin",
    ]
    _order = "expected_close_date, id desc"
    _rec_name = "title"
    _kpi_measurable = True
    _check_company_auto = True
    _mail_post_access = "read"
    _readable_by = ("agent_id", "company_id", "split_ids.agent_id", "team_id")
    _editable_by = ("agent_id", "company_id", "team_id")
    _led_person = "agent_id"
    _led_by = ("team_id.crm_team_member_ids.user_id", "team_id.user_id")

    uuid = fields.Char(
        string="UUID",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid4()),
        help="Identifies the deal in other systems.",
    )
    title = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    project_id = fields.Many2one(
        "project.project", check_company=True, ondelete="restrict"
    )
    property_id = fields.Many2one(
        "kpi.deal.property",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Counterparty",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    agent_id = fields.Many2one(
        "res.users",
        required=True,
        domain=get_agents_domain,
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
    )
    team_id = fields.Many2one(
        "crm.team", "Sales Team", check_company=True, ondelete="restrict", index=True
    )
    asset_type = fields.Selection(DEAL_ASSET_TYPES)
    deal_type = fields.Selection(DEAL_TYPES, required=True, default="other")
    pipeline_stage = fields.Selection(
        PIPELINE_STAGES,
        "Stage",
        required=True,
        default="lead_captured",
        copy=False,
        group_expand=True,
    )
    status = fields.Selection(
        DEAL_STATUSES, required=True, default="open", copy=False, readonly=True
    )
    lead_source = fields.Char()
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
    )
    estimated_value_currency = fields.Char(
        "Currency Code",
        related="currency_id.name",
        store=True,
        precompute=True,
        size=3,
        exportable=False,
    )
    estimated_value_amount = ExactMonetary(
        "Estimated Value", currency_field="currency_id"
    )
    expected_close_date = fields.Date("Expected Close")
    actual_close_date = fields.Date(
        "Closed On",
        copy=False,
        help="Set when the deal closes. Deal administrators can change it with "
        "“Correct”.",
    )
    confidence = fields.Float(
        digits=(4, 2),
        help=("Agent's estimate of the win chance, from 0 to 1."),
    )
    metadata = fields.Json(help="Data from other systems.", exportable=False)
    lost_reason_id = fields.Many2one("crm.lost.reason", ondelete="restrict", copy=False)
    tag_ids = fields.Many2many("kpi.deal.tag", string="Tags")
    contact_ids = fields.One2many("kpi.deal.contact", "deal_id", "Contacts")
    document_ids = fields.One2many("kpi.deal.document", "deal_id", "Documents")
    split_ids = fields.One2many("kpi.deal.split", "deal_id", "Agent Shares")
    color = fields.Integer(exportable=False)
    is_shared_with_me = fields.Boolean(
        compute="_compute_is_shared_with_me",
        search=search_by("_get_shared_domain"),
        compute_sudo=True,
    )
    company_currency_id = fields.Many2one(
        "res.currency",
        "Company Currency",
        related="company_id.currency_id",
        store=True,
        precompute=True,
    )
    company_amount = OptionalMonetary(
        "Value in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        help="Converted at the last change's exchange rate, unrounded. Blank "
        "without a rate.",
    )
    weighted_amount = OptionalMonetary(
        "Weighted Value",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        help="Company-currency value × confidence while the deal is open, "
        "unrounded. Blank without an exchange rate.",
    )
    is_unpriced = fields.Boolean(
        "No Exchange Rate",
        readonly=True,
        copy=False,
        help="No exchange rate was available at the last change, so totals exclude the "
        "amount.",
    )
    stage_event_ids = fields.One2many(
        "kpi.deal.stage.event", "deal_id", "Stages", readonly=True, copy=False
    )
    value_event_ids = fields.One2many(
        "kpi.deal.value.event", "deal_id", "Values", readonly=True, copy=False
    )

    commission_ids = fields.One2many("kpi.commission", "deal_id", "Commissions")
    billing_ids = fields.One2many("kpi.deal.billing", "deal_id", "Billings")
    won_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Agent on the closing date, even if reassigned later.",
    )

    _asset_type_choices = Choices("asset_type")
    _deal_type_choices = Choices("deal_type")
    _pipeline_stage_choices = Choices("pipeline_stage")
    _status_choices = Choices("status")
    _uuid_uniq = models.UniqueIndex("(uuid)", "A deal with this UUID already exists.")
    _agent_id_pipeline_stage_idx = models.Index("(agent_id, pipeline_stage)")
    _project_id_status_idx = models.Index("(project_id, status)")
    # What ``kpi.deal.roi`` reads of won deals, on their day and a year later.
    _won_idx = models.Index(
        "(company_id, actual_close_date)"
        " INCLUDE (id, won_by_id, agent_id, company_amount, company_currency_id)"
        " WHERE status = 'closed_won'"
    )
    _won_year_before_idx = models.Index(
        "(company_id, ((actual_close_date + interval '1 year')::date))"
        " INCLUDE (id, won_by_id, agent_id, company_amount, company_currency_id,"
        " actual_close_date)"
        " WHERE status = 'closed_won'"
    )
    # Odoo rounds amounts of cents wrongly above two billions; PostgreSQL does not.
    _estimated_value_amount_check = models.Constraint(
        "CHECK (estimated_value_amount >= 0 AND estimated_value_amount < 1e12)",
        "The estimated value must be 0 or more and below 1,000,000,000,000.",
    )
    _confidence_check = models.Constraint(
        "CHECK (confidence >= 0 AND confidence <= 1)",
        "The confidence must be between 0% and 100%.",
    )

    def _found_name_sql(self, query):
        """With the counterparty, which tells deals of one title apart."""
        title, rank = super()._found_name_sql(query)
        partner = self._field_to_sql(query.table, "partner_id", query)
        name = SQL("(SELECT name FROM res_partner WHERE id = %s)", partner)
        return SQL("concat_ws(' – ', %s, %s)", title, name), rank

    @api.constrains("agent_id", "company_id")
    def _check_agent_id(self):
        by_agent = self.grouped(lambda deal: (deal.company_id, deal.agent_id))
        for (_company, agent), deals in by_agent.items():
            deals[0]._check_works_here(agent)

    def _check_company(self, fnames=None):
        """Check what many deals of a company have in common once."""
        checked = [
            field.name
            for field in self._fields.values()
            if field.relational and field.check_company and self[field.name]
        ]
        deals = {
            (name, deal.company_id.id, deal[name]): deal.id
            for deal in self
            for name in checked
        }
        return super(KpiDeal, self.browse(set(deals.values())))._check_company(fnames)

    def _check_works_here(self, agents):
        """Refuse agents of other companies: the deal would be hidden to them."""
        # Who works in which company is no secret.
        for agent in agents.sudo():
            if agent._is_superuser():
                continue  # for whom mail and automation work
            if self.company_id not in agent.company_ids or agent._is_public():
                raise ValidationError(
                    self.env._(
                        "%(deal)s: %(agent)s has no access to %(company)s.",
                        deal=self.title,
                        agent=agent.name,
                        company=self.company_id.name,
                    )
                )

    @api.model
    def _get_led_domain(self):
        # Who leads a team is no secret.
        teams = self.env["crm.team"].sudo().with_context(active_test=False)
        led = teams._search([("user_id", "=", self.env.uid)])
        return Domain("team_id", "in", led) | super()._get_led_domain()

    def _find_leaders(self):
        """Find the people for whom ``is_led_by_me`` holds: dict deal → users."""
        found = self._find_department_leaders()
        # Who leads a team is no secret.
        return {deal: found[deal] | deal.sudo().team_id.user_id for deal in self}

    @api.model
    def _get_team_domain(self):
        # Memberships are not for everybody to read; one's own are no secret.
        members = self.env["crm.team.member"].sudo()
        teams = members._read_group(
            [("user_id", "=", self.env.uid)], [], ["crm_team_id:array_agg"]
        )
        return Domain("team_id", "in", teams[0][0] or [])

    @api.depends_context("uid")
    @api.depends("split_ids.agent_id")
    def _compute_is_shared_with_me(self):
        for deal in self:
            deal.is_shared_with_me = self.env.user in deal.split_ids.agent_id

    def _get_shared_domain(self):
        # Shares are read by who reads the deal: rules of one would ask for the other.
        shares = self.env["kpi.deal.split"].sudo()
        mine = shares._search([("agent_id", "=", self.env.uid)])
        return Domain("id", "in", mine.subselect("deal_id"))

    @api.constrains("estimated_value_amount", "currency_id")
    def _check_estimated_value_amount(self):
        """Amounts stay where Odoo still rounds them right."""
        for deal in self:
            unit = Decimal(str(deal.currency_id.rounding))
            if Decimal(str(deal.estimated_value_amount)) >= LARGEST_UNITS * unit:
                raise ValidationError(
                    self.env._(
                        "%(deal)s: the estimated value must be below %(limit)s"
                        " %(currency)s.",
                        deal=deal.title,
                        limit=format_number(self.env, LARGEST_UNITS * unit, 0),
                        currency=deal.currency_id.name,
                    )
                )

    @api.model
    def _add_precomputed_values(self, vals_list):
        """Add what Odoo would ask each new deal for: currencies, the exact amount."""
        companies, currencies = (
            self.env[self._fields[name].comodel_name]
            .browse({vals.get(name) for vals in vals_list} - {None, False})
            .exists()
            for name in ("company_id", "currency_id")
        )
        # Which currency a company has is no secret.
        own = {company.id: company.currency_id.id for company in companies.sudo()}
        by_id = {currency.id: currency for currency in currencies}
        for vals in vals_list:
            # PostgreSQL refuses deals without, as it does unknown ones.
            currency = by_id.get(vals.get("currency_id"))
            vals |= {
                "company_currency_id": own.get(vals.get("company_id"), False),
                "estimated_value_currency": currency.name if currency else False,
            }
            if currency:
                amount = currency.round(float(vals.get("estimated_value_amount") or 0))
                vals["estimated_value_amount"] = exact(amount, currency.decimal_places)
        return super()._add_precomputed_values(vals_list)

    @api.model
    def _company_rates(self, keys):
        """Value of a unit of a currency to a company: last rate until a day, or None.

        :param keys: (company id, currency id, day)
        :return: dict key → ``Decimal``; a company's own currency is worth 1
        """
        keys = list(dict.fromkeys(keys))
        if not keys:
            return {}
        self.env["res.currency.rate"].flush_model(["company_id", "name", "rate"])
        companies, currencies, days = map(list, zip(*keys, strict=True))
        statement = SQL(
            """
            WITH wanted AS (
                SELECT given.*, company.currency_id AS base_id,
                       split_part(company.parent_path, '/', 1)::integer AS root_id
                  FROM unnest(%(companies)s::integer[], %(currencies)s::integer[],
                              %(days)s::date[]) WITH ORDINALITY
                       AS given (company_id, currency_id, day, place)
                  JOIN res_company AS company ON company.id = given.company_id
            )
            SELECT CASE WHEN wanted.currency_id = wanted.base_id THEN 1
                        ELSE coalesce(base.rate, 1) / own.rate
                   END::text
              FROM wanted
         LEFT JOIN LATERAL (%(own)s) AS own ON TRUE
         LEFT JOIN LATERAL (%(base)s) AS base ON TRUE
          ORDER BY wanted.place
            """,
            companies=companies,
            currencies=currencies,
            days=days,
            own=self._last_rate_sql(SQL("wanted.currency_id")),
            base=self._last_rate_sql(SQL("wanted.base_id")),
        )
        rows = self.env.execute_query(statement)
        return {
            key: rate and Decimal(rate).quantize(RATE_EXACT)
            for key, (rate,) in zip(keys, rows, strict=True)
        }

    @api.model
    def _last_rate_sql(self, currency):
        """SELECT of a currency's last rate; the company's own before shared ones."""
        return SQL(
            """
            SELECT rate.rate
              FROM res_currency_rate AS rate
             WHERE rate.currency_id = %s
               AND rate.name <= wanted.day
               AND rate.rate > 0
               AND (rate.company_id = wanted.root_id OR rate.company_id IS NULL)
          ORDER BY rate.company_id IS NULL, rate.name DESC
             LIMIT 1
            """,
            currency,
        )

    @api.model
    def _prepare_priced_values(self, worth, rate):
        """Columns of a value event: the exact ``worth`` in company currency."""
        if rate is None:
            return {"rate": None, "company_amount": None, "weighted_amount": None}
        amount = worth["estimated_value_amount"] * rate
        return {
            "rate": rate,
            "company_amount": amount.quantize(EXACT),
            "weighted_amount": (amount * worth["confidence"]).quantize(EXACT),
        }

    @api.model
    def _keep_worth(self, rows):
        """Store on deals what they are worth now, exactly as their events say.

        Closed deals leave the sums of what is open. Through Odoo's floats, large
        amounts would lose their cents.

        :param rows: deal id → columns of its last value event
        """
        if not rows:
            return
        kept = ["company_amount", "weighted_amount", "is_unpriced"]
        self.flush_model(kept)
        columns = [
            [row[name] for row in rows.values()]
            for name in ("company_amount", "weighted_amount", "rate")
        ]
        statement = """
            UPDATE agent_deals AS deal
               SET company_amount = worth.company_amount,
                   weighted_amount = CASE WHEN deal.status = 'open'
                                          THEN worth.weighted_amount ELSE 0 END,
                   is_unpriced = worth.rate IS NULL
              FROM unnest(%s::integer[], %s::numeric[], %s::numeric[],
                          %s::numeric[])
                   AS worth (deal_id, company_amount, weighted_amount, rate)
             WHERE deal.id = worth.deal_id
        """
        self.env.cr.execute(SQL(statement, list(rows), *columns))
        self.browse(rows).invalidate_recordset(kept)

    @api.model
    def _cron_price(self):
        """Price what has a rate by now, some of it at a time."""
        crons = self.env["ir.cron"]
        while repeat_late(self.env, self._price_late):
            if not crons._commit_progress(1, remaining=1):
                return
        crons._commit_progress(remaining=0)

    @api.model
    def _price_late(self):
        """Price deals whose rate came late, then commissions; whether some are left."""
        waiting = self.with_context(active_test=False).search(
            [("is_unpriced", "=", True)], order="id"
        )
        last = dict(
            self.env["kpi.deal.value.event"]._read_group(
                [("deal_id", "in", waiting.ids)], ["deal_id"], ["effective_at:max"]
            )
        )
        keys = {
            deal: (deal.company_id.id, deal.currency_id.id, last[deal].date())
            for deal in waiting
        }
        rates = self._company_rates(keys.values())
        priced = self.concat(*(deal for deal, key in keys.items() if rates[key]))
        is_left, priced = len(priced) > PRICED_AT_ONCE, priced[:PRICED_AT_ONCE]
        changes = [ValueChange(deal, last[deal], "late_rate") for deal in priced]
        self._record([], changes)
        # The job may do all.
        priced.sudo().filtered("lead_id")._sync_leads({"estimated_value_amount"})
        if not is_left:
            self.env["kpi.commission.event"]._price_late()
        return is_left

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_history(self):
        # Every deal has one, whatever the user may see of it.
        raise UserError(
            self.env._(
                "Deals cannot be deleted. Cancel or archive %s instead.",
                ", ".join(self.mapped("title")[:3]),
            )
        )

    @api.model
    def _record(self, moves, changes):
        """Add to the history and the audit log, and store what the deals are worth now.

        :param moves: list of ``StageMove``, of one deal in the order they took effect
        :param changes: list of ``ValueChange``; what the deals are worth now
        """
        deals = self.browse(list({each.deal.id for each in (*moves, *changes)}))
        # The deal before the end of its chain, in all transactions: else two of them
        # would wait for each other.
        deals.flush_recordset()
        keys = {
            each: (each.deal.company_id.id, each.deal.currency_id.id, each.day)
            for each in changes
        }
        rates = self._company_rates(keys.values())
        former = self._last_rates([each.deal.id for each in changes if each.keeps_rate])
        rows = []
        for change, key in keys.items():
            deal = change.deal
            digits = deal.currency_id.decimal_places
            worth = {
                "deal_id": deal.id,
                "estimated_value_amount": exact(deal.estimated_value_amount, digits),
                "currency_id": deal.currency_id.id,
                "confidence": exact(deal.confidence),
                "agent_id": deal.agent_id.id,
                "asset_type": deal.asset_type or None,
                "expected_close_date": deal.expected_close_date or None,
                "cause": change.cause,
                "effective_at": change.effective_at,
                "status": change.status or deal.status,
            }
            rate = former[deal.id] if change.keeps_rate else rates[key]
            rows.append({**worth, **self._prepare_priced_values(worth, rate)})
        self._insert_history(moves, rows)
        self._keep_worth({row["deal_id"]: row for row in rows})

    @api.model
    def _insert_history(self, moves, value_rows):
        """Add moves and columns of value events, with their entries of the log."""
        stages = self.env["kpi.deal.stage.event"]
        values, by = self.env["kpi.deal.value.event"], {"changed_by": self.env.uid}
        stage_rows = [
            {
                **by,
                "deal_id": move.deal.id,
                "from_stage": move.from_stage,
                "to_stage": move.to_stage,
                "effective_at": move.effective_at,
            }
            for move in moves
        ]
        value_rows = [{**by, **row} for row in value_rows]
        said_of = zip(moves, stages._prepare_given_values(stage_rows), strict=True)
        worths = values._prepare_given_values(value_rows)
        entries = self.env["kpi.audit.log"]._append(
            [
                *(
                    AuditEvent(
                        move.deal,
                        "deal_stage_transition",
                        said,
                        {"note": move.note} if move.note else {},
                    )
                    for move, said in said_of
                ),
                *(
                    AuditEvent(self.browse(row["deal_id"]), "deal_value_change", worth)
                    for row, worth in zip(value_rows, worths, strict=True)
                ),
            ]
        )
        stages._insert_logged(stage_rows, entries[: len(moves)])
        values._insert_logged(value_rows, entries[len(moves) :])
        deal_ids = {move.deal.id for move in moves}
        deal_ids |= {row["deal_id"] for row in value_rows}
        self.env["kpi.deal.stage.interval"]._rebuild(self.browse(list(deal_ids)))

    @api.model
    def _last_rates(self, deal_ids):
        """Id of a deal → rate of its last value event as ``Decimal``, or None."""
        if not deal_ids:
            return {}
        statement = """
            SELECT DISTINCT ON (deal_id) deal_id, rate::text
              FROM agent_deal_value_events
             WHERE deal_id = ANY(%s)
          ORDER BY deal_id, effective_at DESC, id DESC
        """
        rows = self.env.execute_query(SQL(statement, deal_ids))
        return {deal_id: rate and Decimal(rate) for deal_id, rate in rows}

    def _settle_commissions(self):
        """Bring commissions in line with these deals: plans compute whole periods."""
        # Plans compute for everybody, whoever closes a deal.
        deals = self.sudo()
        plans = deals.env["kpi.commission.plan"]._find_settling(deals.company_id)
        for plan in plans:
            plan._settle_deals(deals)

    def _credits(self):
        """(agent, rule, shares, index of the agent in them, share beside) of the deal.

        As of the day on which it was won.
        """
        return self._credits_on(self.actual_close_date, self.won_by_id or self.agent_id)

    def _credits_on(self, day, winner):
        """As ``_credits``, were the deal won on ``day`` by the agent ``winner``."""
        splits = self.split_ids._filter_valid_on(day)
        revenue = splits.filtered(lambda split: split.split_type == "revenue")
        weights = tuple(split._share() for split in revenue)
        found = [
            (split.agent_id, "plan", weights, index, Decimal(1))
            for index, split in enumerate(revenue)
        ]
        if not revenue:
            found = [(winner, "plan", (Decimal(1),), 0, Decimal(1))]
        for split in splits - revenue:
            share = split._share() / 100
            found.append((split.agent_id, "overlay", (Decimal(1),), 0, share))
        return found

    def _sum_billings_by_type(self):
        """Type of billing → its total."""
        by_type = self.billing_ids._in_force().grouped("billing_type")
        return {
            kind: exact_sum(billings.mapped("amount_untaxed"))
            for kind, billings in by_type.items()
        }


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

    @property
    def day(self):
        return self.effective_at.date()
