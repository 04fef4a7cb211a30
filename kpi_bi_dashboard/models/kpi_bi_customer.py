import re
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Command, Date, Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_list, show_notification
from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.fields import (
    OptionalFloat,
    OptionalInteger,
    OptionalMonetary,
)
from odoo.addons.kpi_base.formatting import format_month
from odoo.addons.kpi_base.models.record.base import arrays_sql
from odoo.addons.kpi_base.schemas.base import GivenDay, Id, Word

from ..analytics.data_models.customer_models import TIERS
from ..analytics.plain import plain
from .kpi_bi_personal_mixin import NAMELESS

ADMIN = "kpi_bi_dashboard.kpi_bi_dashboard_group_admin"
MOST_MONTHS = 1200  # of a cohort
CLASSES_HELP = (
    "Recency, frequency or revenue: 5 = best fifth of the customers who bought at "
    "least twice and are not new."
)
# what a run replaces; its cutoff as well
FIGURES = (
    "first_date", "last_date", "recency_days", "frequency", "monetary", "margin",
    "tenure_days", "churn_state", "recency_class", "frequency_class",
    "monetary_class", "segment", "tier", "probability_alive",
    "expected_purchases", "lifetime_value",
)  # fmt: skip


class KpiBiCustomer(models.Model):
    """Somebody who has bought: a partner, or a customer of imported purchases.

    Figures are those of the last run, which replaces all of them; what it does not know
    is missing, never 0.
    """

    _name = "kpi.bi.customer"
    _description = "Customer"
    _inherit = ["kpi.bi.personal.mixin", "kpi.engine.rows.mixin"]
    _order = "monetary desc, id"
    _rec_names_search = ["partner_id", "reference"]

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    # No foreign key: merging partners would delete a row that collides.
    partner_key = fields.Integer("Partner ID", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", compute="_compute_partner_id", search="_search_partner_id"
    )
    reference = fields.Char(help="Customer name in imported purchases.")
    cutoff_date = fields.Date("As Of", help="Last day included in the figures.")
    first_date = fields.Date("First Purchase")
    last_date = fields.Date("Last Purchase")
    recency_days = OptionalInteger("Days Since Purchase")
    frequency = OptionalInteger(
        "Purchases", help="Days with a purchase that was not fully refunded."
    )
    monetary = OptionalMonetary("Revenue")
    margin = OptionalMonetary(groups="kpi_bi_dashboard.kpi_bi_dashboard_group_margin")
    tenure_days = OptionalInteger("Days as Customer")
    churn_state = fields.Selection(
        [
            ("new", "First Year"),
            ("active", "Active"),
            ("slowing", "Slowing Down"),
            ("churned", "Churned"),
        ],
        "Status",
        help="Churned: no purchase for a year, or for an unusually long time in "
        "shorter data. Slowing Down: pause longer than 95% of usual pauses. First "
        "Year: customer for under a year.",
    )
    recency_class = OptionalInteger("R", help=CLASSES_HELP)
    frequency_class = OptionalInteger("F", help=CLASSES_HELP)
    monetary_class = OptionalInteger("M", help=CLASSES_HELP)
    segment = fields.Selection(
        [
            ("champion", "Champions"),
            ("loyal", "Loyal"),
            ("promising", "Promising"),
            ("new", "New"),
            ("needs_attention", "Need Attention"),
            ("at_risk", "At risk"),
            ("hibernating", "Hibernating"),
            ("lost", "Lost"),
            ("one_time", "One-Time"),
        ],
        help="New: first purchase within the median pause between purchases of all "
        "customers. One-Time: one purchase, longer ago. Others: by R and F.",
    )
    tier = fields.Selection([(name, name) for name in TIERS])
    probability_alive = OptionalFloat("Probability Active", digits=(4, 3))
    expected_purchases = OptionalFloat(digits=(8, 2), help="Within one year.")
    lifetime_value = OptionalMonetary(
        "Lifetime Value (Revenue)",
        help="Expected revenue of the next three years, net of refunds, discounted by "
        "10% per year.",
    )

    _partner_uniq = models.UniqueIndex(
        "(company_id, partner_key) WHERE partner_key IS NOT NULL"
    )
    _reference_uniq = models.UniqueIndex(
        "(company_id, reference) WHERE reference IS NOT NULL"
    )

    @api.depends("partner_key")
    def _compute_partner_id(self):
        partners = self.env["res.partner"].with_context(active_test=False)
        known = {*partners.search([("id", "in", self.mapped("partner_key"))]).ids}
        for customer in self:
            key = customer.partner_key
            customer.partner_id = key if key in known else False

    @api.model
    def _search_partner_id(self, operator, value):
        partners = self.env["res.partner"].with_context(active_test=False)
        found = partners._search(Domain("id", operator, value))
        return [("partner_key", "in", found)]

    @api.depends("partner_id", "reference")
    @api.depends_context(NAMELESS)
    def _compute_display_name(self):
        is_nameless = self.env.context.get(NAMELESS)
        for customer in self:
            name = customer.partner_id.display_name or customer.reference
            if is_nameless or not name:
                name = self.env._("Customer %s", customer.id)
            customer.display_name = name

    @api.model
    def _get_name_part_domain(self, paths, text):
        """Also those without a name, which are shown by their number."""
        numbers = [int(word) for word in re.findall(r"\b\d{1,9}\b", text)]
        return super()._get_name_part_domain(paths, text) | Domain("id", "in", numbers)

    def action_forget(self):
        """Take away what imported purchases call the customer; these stay."""
        self.check_access("read")
        if not self.env.user.has_group(ADMIN):
            raise AccessError(
                self.env._(
                    "Only executive dashboard administrators can delete customer "
                    "references."
                )
            )
        named = self.filtered("reference")
        forget = "UPDATE kpi_bi_customer SET reference = NULL WHERE id = ANY(%s)"
        self.env.cr.execute(SQL(forget, named.ids))
        self.invalidate_model()
        events = [AuditEvent(one, "customer_forgotten", {}) for one in named]
        self.env["kpi.audit.log"]._append(events)
        return True

    @api.model
    def open_cohort(
        self,
        company_id: Id,
        month: GivenDay,
        number: Annotated[int, Field(ge=0, le=MOST_MONTHS)],
    ):
        """Open the customers of a cohort who bought in one of its months.

        :param month: the first day of the month in which they bought first
        :param number: months since then; 0 = that month, when all of them bought
        """
        self.check_access("read")
        first = Date.to_date(month)
        company = self.env.companies.filtered(lambda one: one.id == company_id)
        ids = []
        if company:
            purchases, _day = self.env["kpi.bi.analysis"]._read(company)
            months = purchases.days.astype("datetime64[M]")
            is_then = months == np.datetime64(first, "M") + number
            rows = is_then & purchases.is_purchase
            ids = np.unique(purchases.customers[rows]).tolist()
        stop = Date.add(first, months=1)
        domain = [("id", "in", ids), ("company_id", "=", company_id)]
        domain += [("first_date", ">=", first), ("first_date", "<", stop)]
        name = self.env._(
            "Customers from %(month)s who bought in month %(number)s",
            month=format_month(self.env, first, is_long=True),
            number=number,
        )
        action = "kpi_bi_dashboard.kpi_bi_customer_action"
        return open_list(self.env, action, domain, display_name=name)

    @api.model
    def open_group(
        self,
        company_id: Id,
        field: Literal["segment", "churn_state", "tier"],
        value: Word,
    ):
        """Open the customers of a segment, state or tier."""
        domain = [("company_id", "=", company_id), (field, "=", value)]
        action = "kpi_bi_dashboard.kpi_bi_customer_action"
        return open_list(self.env, action, domain)

    def action_open_contacts(self):
        """Open the contacts of these customers, where all that one does with contacts
        is at hand: mails, activities, mailing lists."""
        action = "base.action_partner_form"
        return open_list(self.env, action, [("id", "in", self.partner_id.ids)])

    def action_tag_contacts(self):
        """Tag the contacts of these customers with their segments, for good or until
        they are tagged again."""
        self.check_access("read")
        # names as in the code: the same tags in all languages
        tags = self.env["res.partner.category"].with_context(lang=None)
        names = dict(self._fields["segment"].selection)
        for company, customers in self.grouped("company_id").items():
            place = {"name": f"Segment ({company.name})", "parent_id": False}
            parent = _find_or_create(tags, place)
            for segment, same in customers.grouped("segment").items():
                partners = same.partner_id
                if not segment or not partners:
                    continue
                tag = _find_or_create(
                    tags, {"name": names[segment], "parent_id": parent.id}
                )
                others = [Command.unlink(one) for one in (parent.child_ids - tag).ids]
                partners.write({"category_id": [*others, Command.link(tag.id)]})
        count = len(self.partner_id)
        return show_notification(self.env._("Contacts tagged: %s.", count))

    @api.model
    def _replace_figures(self, company, cutoff, columns):
        """Replace all figures of the customers of a company; what is the same stays
        untouched.

        :param cutoff: the last day that counts
        :param columns: arrays by field, ``id`` the first. NaN is written as nothing, as
            are fields that have no array and customers who are not in it
        """
        join, (_id, *known) = SQL(", ").join, columns
        dated = SQL("CASE WHEN figures.id IS NOT NULL THEN %s::date END", cutoff)
        new = {"cutoff_date": dated} | {
            name: SQL.identifier("figures", name) if name in known else SQL("NULL")
            for name in FIGURES
        }
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_bi_customer AS customer
                   SET (%(names)s) = ROW(%(new)s)
                  FROM kpi_bi_customer AS own
             LEFT JOIN unnest(%(arrays)s) AS figures (id, %(known)s)
                    ON figures.id = own.id
                 WHERE customer.id = own.id
                   AND own.company_id = %(company)s
                   AND (%(old)s) IS DISTINCT FROM (%(new)s)
                """,
                names=join(map(SQL.identifier, new)),
                new=join(new.values()),
                old=join(SQL.identifier("customer", name) for name in new),
                known=join(map(SQL.identifier, known)),
                arrays=arrays_sql(self, plain(columns)),
                company=company.id,
            )
        )
        self.invalidate_model()


def _find_or_create(records, values):
    domain = [(name, "=", value) for name, value in values.items()]
    return records.search(domain, limit=1) or records.create(values)
