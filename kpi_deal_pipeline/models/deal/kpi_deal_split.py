from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.formatting import format_day, format_percent

from ...roles import get_agents_domain

FULL = Decimal(100)
CHANGED = "kpi.deal.split.changed"


class KpiDeal(models.Model):
    """What the first share of another agent leaves."""

    _inherit = "kpi.deal"

    # Known to an open form only: tells a rest that was deleted or edited from one that
    # was never proposed.
    proposed_rest = fields.Json(
        store=False, readonly=True, exportable=False, copy=False
    )

    @api.onchange("split_ids")
    def _onchange_split_ids(self):
        """Propose the rest for the deal's agent, so that the shares are complete.

        The proposal follows the share it completes, until it is edited or deleted.
        """
        revenue = self.split_ids.filtered(lambda split: split.split_type == "revenue")
        proposed = self.proposed_rest
        rest = revenue.filtered(lambda split: split._prepare_rest() == proposed)[:1]
        given = revenue - rest
        is_deleted = self._origin.split_ids - self.split_ids._origin
        is_settled = not rest and (proposed or is_deleted)
        is_of_another = len(given) == 1 and given.agent_id - self.agent_id
        if is_settled or not is_of_another or not 0 < given._share() < FULL:
            return
        following = {
            **given._prepare_rest(),
            "agent_id": self.agent_id.id,
            "share_percent": float(FULL - given._share()),
        }
        if rest:
            rest.update(following)
        else:
            self.split_ids = [Command.create(following)]
        self.proposed_rest = following

    def web_save(self, vals, specification, next_id=None):
        result = super().web_save(vals, specification, next_id)
        if self and "split_ids" in vals and not next_id:
            # Commissions follow the shares at the end of the transaction: earlier here,
            # so that the form shows them.
            self.env["kpi.deal.split"]._check_changed()
            result = self.web_read(specification)
        return result


class KpiDealSplit(models.Model):
    """An agent's share in a deal, from a day on.

    Revenue shares part the deal among its agents and add up to 100%; overlays are
    credit beside it, for those who helped.
    """

    _name = "kpi.deal.split"
    _description = "Deal Share"
    _inherit = ["kpi.last.day.mixin", "kpi.input.mixin", "kpi.audited.part.mixin"]
    _order = "deal_id, date_from, split_type, id"
    _rec_name = "agent_id"
    _audited_name = "share"
    _audited_events = "deal_share_"

    deal_id = fields.Many2one("kpi.deal", required=True, ondelete="cascade", index=True)
    agent_id = fields.Many2one(
        "res.users",
        required=True,
        domain=get_agents_domain,
        ondelete="restrict",
        index=True,
    )
    split_type = fields.Selection(
        [("revenue", "Revenue"), ("overlay", "Overlay")],
        required=True,
        default="revenue",
    )
    share_percent = fields.Float("Share (%)", digits=(7, 4), required=True)
    date_from = fields.Date("From", help="Leave empty to apply from the beginning.")
    date_to = fields.Date(
        "Ends Before",
        help="First day the share no longer applies. Leave empty for no end date.",
    )
    _audited_model, _audited_link = "kpi.deal", "deal_id"

    _share_percent_check = models.Constraint(
        "CHECK (share_percent > 0 AND share_percent <= 100)",
        "A share must be above 0% and at most 100%.",
    )
    _dates_check = models.Constraint(
        "CHECK (date_to > date_from)", "The share must end after it begins."
    )

    @api.model_create_multi
    def create(self, vals_list):
        splits = super().create(vals_list)
        splits._check_later()
        return splits

    def write(self, vals):
        self._check_later()
        result = super().write(vals)
        self._check_later()
        return result

    def unlink(self):
        self._check_later()
        return super().unlink()

    @api.constrains("agent_id", "deal_id")
    def _check_agent_id(self):
        for split in self:
            split.deal_id._check_works_here(split.agent_id)

    def _share(self):
        return exact(self.share_percent, 4)

    def _prepare_rest(self):
        """Values by which an open form knows a share again."""
        return {
            "agent_id": self.agent_id.id,
            "share_percent": self.share_percent,
            "date_from": fields.Date.to_string(self.date_from),
            "last_day": fields.Date.to_string(self.last_day),
        }

    def _filter_valid_on(self, day):
        """Return the shares in force on ``day``; False stands for the beginning."""
        return self.filtered(
            lambda each: (
                (not each.date_from or (day and each.date_from <= day))
                and (not each.date_to or not day or each.date_to > day)
            )
        )

    def _check_later(self):
        """Check the deals of these shares when all of a change is written.

        Several shares change one after the other; between them they add up to nothing.
        """
        hooks = self.env.cr.precommit
        changed = hooks.data.setdefault(CHANGED, set())
        if not changed and self:
            hooks.add(self.env["kpi.deal.split"]._check_changed)
        changed.update(self.deal_id.ids)

    @api.model
    def _check_changed(self):
        changed = self.env.cr.precommit.data.pop(CHANGED, ())
        # The sums hold for all, whoever changed a share.
        deals = self.env["kpi.deal"].sudo().browse(changed).exists()
        self._check_sums(deals)
        deals.filtered(lambda deal: deal.status == "closed_won")._settle_commissions()
        # Odoo has written before what hooks like this one change.
        self.env.flush_all()

    @api.model
    def _get_audited_members(self):
        return {
            "agent": SQL("held.agent_id"),
            "from": SQL("held.date_from::text"),
            "percent": SQL("held.share_percent::numeric(7, 4)::text"),
            "share": SQL("held.id"),
            "to": SQL("held.date_to::text"),
            "type": SQL("held.split_type"),
        }

    @api.model
    def _check_sums(self, deals):
        """Refuse revenue shares that do not add up to 100% on each day they hold."""
        for deal in deals:
            splits = deal.split_ids.filtered(lambda each: each.split_type == "revenue")
            for day in {*splits.mapped("date_from"), *splits.mapped("date_to")}:
                held = splits._filter_valid_on(day)
                total = sum((each._share() for each in held), Decimal())
                if held and total != FULL:
                    raise ValidationError(
                        self.env._(
                            "%(deal)s: revenue shares%(since)s add up to %(total)s,"
                            " not %(full)s.",
                            deal=deal.title,
                            since=day
                            and self.env._(" from %s on", format_day(self.env, day))
                            or "",
                            total=format_percent(self.env, total / FULL, 6),
                            full=format_percent(self.env, 1),
                        )
                    )
