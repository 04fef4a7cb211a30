"""Deals that are won, and documents of the accounts on them."""

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

GROUP = "kpi_deal_pipeline.kpi_deal_pipeline_group_"


class InvoicingCase(AccountTestInvoicingCommon):
    """A plan that pays a tenth of a deal's value as it is paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.env.user.sudo().group_ids += cls.env.ref(f"{GROUP}admin")
        cls.agent = cls._user("agent", "agent")
        cls.manager = cls._user("manager", "admin")
        cls.tax = cls.env["account.tax"].create(
            {"name": "Tax", "amount": 20.0, "type_tax_use": "sale"}
        )
        cls.plan = cls._plan()
        cls.deal = cls._won()

    @classmethod
    def _user(cls, name, role):
        return new_test_user(
            cls.env,
            f"invoicing-{name}",
            groups=f"base.group_user,{GROUP}{role}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _plan(cls, **values):
        """A tenth of the deal's value, as it is paid."""
        plan = cls.env["kpi.commission.plan"].create(
            {
                "name": "Plan",
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "date_from": "2026-01-01",
                "agent_ids": [Command.set(cls.agent.ids)],
                "computation": "percentage",
                "rate": 0.1,
                "accrual": "paid",
                **values,
            }
        )
        plan.action_activate()
        return plan

    @classmethod
    def _won(cls, **values):
        return cls.env["kpi.deal"].create(
            {
                "title": "Quay 7",
                "agent_id": cls.agent.id,
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "estimated_value_amount": 1000.0,
                "opened_at": "2026-01-05 09:00:00",
                "pipeline_stage": "closed_won",
                "actual_close_date": "2026-02-02",
                **values,
            }
        )

    def _invoice(self, amounts=(1000.0,), deal=None, is_posted=True, **values):
        """Of these untaxed amounts, one line each, with a tax of a fifth."""
        products = (self.product_a | self.product_b)[: len(amounts)]
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-02-03",
                "kpi_deal_id": (deal or self.deal).id,
                "currency_id": self.company.currency_id.id,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "price_unit": amount,
                            "tax_ids": [Command.set(self.tax.ids)],
                        }
                    )
                    for product, amount in zip(products, amounts, strict=True)
                ],
                **values,
            }
        )
        if is_posted:
            invoice.action_post()
        return invoice

    def _pay(self, invoice, amount, day="2026-02-20"):
        """A receipt of this gross amount, reconciled with the invoice."""
        receivable = self.company_data["default_account_receivable"]
        receipt = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.partner_a.id,
                            "debit": debit,
                            "credit": credit,
                        }
                    )
                    for account, debit, credit in (
                        (receivable, 0.0, amount),
                        (self.company_data["default_account_assets"], amount, 0.0),
                    )
                ],
            }
        )
        receipt.action_post()
        lines = (invoice | receipt).line_ids
        lines.filtered(lambda line: line.account_id == receivable).reconcile()
        return receipt

    def _credit(self, invoice, amount=None):
        """The posted credit note of an invoice, or of a part of it."""
        reversal = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        action = reversal.create({"journal_id": invoice.journal_id.id}).refund_moves()
        credit = self.env["account.move"].browse(action["res_id"])
        credit.invoice_date = "2026-03-01"
        if amount:
            credit.invoice_line_ids.price_unit = amount
        credit.action_post()
        return credit

    def _billed(self, deal=None):
        """(type, amount) of what counts, in the order it came."""
        bills = (deal or self.deal).billing_ids._in_force().sorted("id")
        return [(bill.billing_type, bill.amount_untaxed) for bill in bills]

    def _confirmed(self):
        commission = self.deal.commission_ids
        commission.with_user(self.manager).action_confirm()
        return commission
