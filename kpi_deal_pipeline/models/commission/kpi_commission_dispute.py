from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, plaintext2html
from odoo.tools.misc import clean_context

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.audit import moment_text_sql
from odoo.addons.kpi_base.engine.money import exact, exact_sum
from odoo.addons.kpi_base.formatting import format_amount_briefly, format_day

COMMENTS = ("agent_comment", "company_comment")
SAID = ("reason", *COMMENTS)  # texts that people write when they open one
OPENED, RESOLVED = "deal_commission_disputed", "deal_commission_dispute_resolved"


class KpiCommissionDispute(models.Model):
    """Somebody contests a commission: it stays as it is until a third one decides."""

    _name = "kpi.commission.dispute"
    _description = "Commission Dispute"
    _inherit = [
        "kpi.commission.decided.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "kpi.commission.entry.mixin",
    ]
    _order = "opened_at desc, id desc"
    _rec_names_search = ["commission_id"]
    _mail_post_access = "read"
    _audited_log_column = "id"
    _approval_due_field = "deadline"

    commission_id = fields.Many2one(
        "kpi.commission", required=True, ondelete="restrict", index=True
    )
    deal_id = fields.Many2one(related="commission_id.deal_id", store=True, index=True)
    agent_id = fields.Many2one(related="commission_id.agent_id", store=True)
    currency_id = fields.Many2one(related="commission_id.currency_id")
    company_id = fields.Many2one(related="commission_id.company_id", store=True)
    net_amount = fields.Monetary("Amount", related="commission_id.net_amount")
    basis_amount = fields.Monetary(related="commission_id.basis_amount")
    commission_rate = fields.Float(related="commission_id.commission_rate")
    step_ids = fields.One2many(related="commission_id.step_ids")
    disputed_amount = fields.Monetary(compute="_compute_disputed_amount", store=True)
    decided_amount = fields.Monetary(compute="_compute_decided_amount")
    reason = fields.Text(required=True)
    document_id = fields.Many2one(
        "kpi.deal.document", domain="[('deal_id', '=', deal_id)]", ondelete="restrict"
    )
    deadline = fields.Date("Decide By")
    agent_comment = fields.Text("Agent's Comment")
    company_comment = fields.Text("Company's Comment")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("upheld", "Upheld"),
            ("rejected", "Rejected"),
            ("written_off", "Written Off"),
        ],
        string="Status",
        required=True,
        default="open",
        readonly=True,
        tracking=True,
    )
    former_status = fields.Char(
        "Previous Status", required=True, readonly=True, exportable=False
    )
    opened_by = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    opened_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    decided_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_at = fields.Datetime(readonly=True)
    decision = fields.Text(readonly=True)
    effect_amount = fields.Monetary("Added to the Commission", readonly=True)
    may_decide = fields.Boolean(
        string="Can Decide", compute="_compute_may_decide", exportable=False
    )
    is_mine = fields.Boolean(
        compute="_compute_is_mine",
        help="You earn the disputed commission.",
        exportable=False,
    )

    _open_uniq = models.UniqueIndex(
        "(commission_id) WHERE state = 'open'",
        "This commission already has an open dispute.",
    )

    @api.depends("commission_id", "opened_at")
    def _compute_disputed_amount(self):
        """Compute the amount at the opening; later changes do not touch it."""
        for dispute in self:
            commission = dispute.commission_id
            booked = commission.adjustment_ids.filtered(
                lambda one, until=dispute.opened_at: one.recorded_at <= until
            )
            amount = exact(commission.commission_amount)
            amount += exact_sum(booked.mapped("amount"))
            dispute.disputed_amount = float(amount)

    @api.depends("disputed_amount", "effect_amount", "state")
    def _compute_decided_amount(self):
        for dispute in self:
            amount = exact(dispute.disputed_amount) + exact(dispute.effect_amount)
            is_lost = dispute.state == "written_off"
            dispute.decided_amount = 0 if is_lost else float(amount)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("state", "commission_id")
    def _compute_may_decide(self):
        open_ones = self.filtered(lambda dispute: dispute.state == "open")
        decidable = open_ones._find_own_decisions()
        for dispute in self:
            dispute.may_decide = dispute in decidable

    @api.depends_context("uid")
    @api.depends("agent_id")
    def _compute_is_mine(self):
        for dispute in self:
            dispute.is_mine = dispute.agent_id == self.env.user

    @api.depends_context("lang")
    @api.depends("commission_id")
    def _compute_display_name(self):
        for dispute in self:
            about = dispute.commission_id.display_name
            dispute.display_name = about and self.env._("Dispute about %s", about)

    @api.constrains("reason")
    def _check_reason(self):
        if any(not (dispute.reason or "").strip() for dispute in self):
            raise ValidationError(self.env._("Enter the reason for the dispute."))

    @api.constrains("deadline")
    def _check_deadline(self):
        today = fields.Date.context_today(self)
        for dispute in self:
            if dispute.deadline and dispute.deadline < today:
                raise ValidationError(self.env._("The deadline has already passed."))

    @api.constrains("document_id", "commission_id")
    def _check_document(self):
        for dispute in self:
            if dispute.document_id.deal_id - dispute.deal_id:
                raise ValidationError(
                    self.env._("The document belongs to another deal.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        # Asked here, as it is written with other rights below.
        self._check_readonly_values(set().union(*vals_list))
        commissions = self.env["kpi.commission"].browse(
            vals.get("commission_id") for vals in vals_list
        )
        # Who sees a commission may contest it.
        commissions.check_access("read")
        for vals, former in zip(vals_list, commissions._begin_dispute(), strict=True):
            # Maintained by the engine, see ``kpi.readonly.mixin``.
            vals["former_status"] = former
        # Written by who contests, whose rights were checked above; no context proposes
        # what the engine maintains.
        context = clean_context(self.env.context)
        kept = self.with_env(self.env(su=True, context=context))
        disputes = super(KpiCommissionDispute, kept).create(vals_list)
        disputes = disputes.with_env(self.env)
        for dispute, vals in zip(disputes, vals_list, strict=True):
            dispute._check_own_comment({name for name in COMMENTS if vals.get(name)})
        # Each is logged with its opening, whoever opens it.
        opened = disputes.sudo()
        stated = opened._prepare_record_values()
        for dispute in opened:
            texts = {name: dispute[name] for name in SAID if dispute[name]}
            dispute.commission_id._log(
                "deal_commission_disputed",
                texts,
                **stated[dispute.id],
                **{"from": dispute.former_status},
            )
            dispute._message_subscribe(dispute._get_sides().partner_id.ids)
        return disputes

    def write(self, vals):
        if any(dispute.state != "open" for dispute in self) and not self.env.su:
            raise UserError(self.env._("The dispute is decided and cannot be changed."))
        self._check_own_comment(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A dispute cannot be deleted. Decide it instead."))

    def _check_own_comment(self, vals):
        """Each side speaks for itself."""
        if self.env.su:
            return
        for dispute in self:
            is_agent = dispute.agent_id == self.env.user
            other = "company_comment" if is_agent else "agent_comment"
            if other in vals:
                raise AccessError(
                    self.env._("You can only edit your own side's comment.")
                )
            if is_agent and "deadline" in vals:
                raise AccessError(
                    self.env._(
                        "The agent who earns the commission cannot change the deadline."
                    )
                )
            if {"commission_id", "reason"} & set(vals):
                raise AccessError(
                    self.env._("A dispute's commission and reason cannot be changed.")
                )

    def action_decide(self):
        """Open the dialog in which the dispute is decided."""
        self.ensure_one()
        name = self.env._("Decide Dispute")
        dialog = self.env["kpi.commission.decision"]
        return open_dialog(dialog, name, default_dispute_id=self.id)

    def _get_undecided_domain(self):
        return Domain("state", "=", "open")

    def _get_approval_askers(self):
        return {dispute: dispute.opened_by for dispute in self}

    def _get_waiting_since(self):
        return {dispute: dispute.opened_at for dispute in self}

    def _get_approval_amounts(self):
        return {dispute: dispute.net_amount for dispute in self}

    def _get_subject(self):
        deal = self.commission_id.deal_id
        return self.env._("Dispute: %s", deal.title or self.commission_id.display_name)

    def _get_amount_text(self):
        currency = self.commission_id.currency_id
        return format_amount_briefly(self.env, self.disputed_amount, currency)

    def _get_approval_facts(self):
        """The amount, why it is disputed, and what either side says."""
        self.ensure_one()
        day = self.deadline and format_day(self.env, self.deadline)
        amount = self._get_amount_text()
        texts = {name: self[name] for name in SAID}
        return self._label_facts({"disputed_amount": amount, **texts, "deadline": day})

    def _get_approval_due(self):
        return self.deadline

    def _say_effect(self):
        return self.env._("Your change is booked as an adjustment.")

    def _open_approval_dialog(self):
        return self.action_decide()

    def _decide_listed(self, decision, comment=""):
        """Reject these: the commissions stay as they were. Else it takes the dialog."""
        if decision != "reject":
            return super()._decide_listed(decision, comment)
        for dispute in self:
            dispute._decide("rejected", comment)
        return {}

    def _get_approval_parties(self):
        """Four eyes: who opened it, and who earns or approved the commission."""
        return {
            one: one.opened_by | one.agent_id | one.commission_id.confirmed_by
            for one in self
        }

    def _decide(self, outcome, reason, amount=0.0):
        """End the dispute; a signed ``amount`` is booked where it is upheld.

        :raises AccessError: somebody with a part in it
        :raises LockError: already decided
        :raises ValidationError: no reason, or an amount that the outcome does not allow
        """
        self.ensure_one()
        decidable = self._find_own_decisions()
        if self not in decidable:
            raise AccessError(
                self.env._(
                    "Only an approver not involved in the dispute or commission "
                    "can decide it."
                )
            )
        if not (reason or "").strip():
            raise ValidationError(self.env._("Enter a reason for the decision."))
        if amount and outcome != "upheld":
            raise ValidationError(
                self.env._("Enter an amount only when upholding the dispute.")
            )
        if outcome == "upheld" and not exact(amount):
            raise ValidationError(
                self.env._(
                    "The amount is unchanged. Enter another amount or reject the "
                    "dispute."
                )
            )
        # Disputes are decided by this method; who may was checked above.
        dispute = self.sudo()
        dispute.lock_for_update()
        if dispute.state != "open":
            raise LockError(self.env._("The dispute has already been decided."))
        dispute.write(
            {
                "state": outcome,
                "decided_by": self.env.uid,
                "decided_at": fields.Datetime.now(),
                "decision": reason,
                "effect_amount": amount,
            }
        )
        dispute.commission_id._end_dispute(
            dispute, **self._prepare_instead_values(decidable[self])
        )
        dispute._notify_decision()

    def _get_sides(self):
        """The person who opened the dispute, and the agent who earns the commission."""
        return self.opened_by | self.agent_id

    def _notify_decision(self):
        """Notify both sides and the followers of the outcome, in their languages.

        People who can no longer see the commission are not notified.
        """
        # A note notifies nobody: its text is in the language of the decider.
        self.message_post(body=self._get_decision_message())
        discussed = self.env.ref("mail.mt_comment")
        followers = self.message_follower_ids.filtered(
            lambda follower: discussed in follower.subtype_ids
        )
        people = self._get_sides() | followers.partner_id.user_ids
        readers = people.filtered(lambda user: self._is_readable_by(user.id))
        for lang, users in readers.grouped("lang").items():
            own = self.with_context(lang=lang)
            own.message_notify(
                body=own._get_decision_message(),
                subject=own.display_name,
                partner_ids=users.partner_id.ids,
            )

    def _get_decision_message(self):
        """The outcome with its amount and its reason."""
        money = self.commission_id._say_money
        outcomes = {
            "upheld": self.env._(
                "The dispute was upheld: the commission changes from %(disputed)s to "
                "%(decided)s.",
                disputed=money(self.disputed_amount),
                decided=money(self.decided_amount),
            ),
            "rejected": self.env._(
                "The dispute was rejected: the commission remains %s.",
                money(self.decided_amount),
            ),
            "written_off": self.env._(
                "The commission of %s was written off.", money(self.disputed_amount)
            ),
        }
        reason = self.env._("Reason: %s", self.decision)
        return plaintext2html(f"{outcomes[self.state]}\n{reason}")

    @api.model
    def _get_audited_members(self):
        return {
            "commission": SQL("held.commission_id"),
            "decided_at": moment_text_sql(SQL("held.decided_at")),
            "decided_by": SQL("held.decided_by"),
            "dispute": SQL("held.id"),
            "document": SQL("held.document_id"),
            "effect": SQL("coalesce(held.effect_amount, 0)::numeric(16, 2)::text"),
            "former_status": SQL("held.former_status"),
            "opened_at": moment_text_sql(SQL("held.opened_at")),
            "opened_by": SQL("held.opened_by"),
            "outcome": SQL("held.state"),
        }

    @api.model
    def _audited_key_sql(self):
        return SQL("""substring(log.text FROM '"dispute":([0-9]{1,9})')::integer""")

    @api.model
    def _audited_entries_sql(self, only):
        """The last entry of each dispute."""
        return SQL(
            """
            SELECT DISTINCT ON (%(key)s) *
              FROM audit_logs AS log
             WHERE model = 'kpi.deal'
               AND event_type IN (%(opened)s, %(resolved)s)
               AND %(only)s
          ORDER BY %(key)s, seq DESC
            """,
            key=self._audited_key_sql(),
            opened=OPENED,
            resolved=RESOLVED,
            only=only(SQL("res_id")),
        )

    @api.model
    def _audited_match_sql(self):
        """Compare the reasons with the text stored apart, until that is erased."""
        return SQL(
            """
            (stated.state = 'open') = (log.event_type = %s)
            AND %s
            AND NOT EXISTS (SELECT FROM kpi_audit_personal AS personal
                             WHERE personal.log_id = log.id
                               AND personal.name = 'decision'
                               AND personal.text IS DISTINCT FROM stated.decision)
            """,
            OPENED,
            self._audited_contains_sql(is_any_age=True),
        )
