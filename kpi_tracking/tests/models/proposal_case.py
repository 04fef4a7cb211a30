"""Targets and formulas that change by proposal: Olga proposes, Ann approves."""

from datetime import date

from odoo import Command
from odoo.tests import new_test_user

from .test_kpi_judged import KpiTargetCase

OFFICER = "base.group_allow_export,kpi_base.kpi_base_group_officer"


class ProposalCase(KpiTargetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.olga = new_test_user(cls.env, "propose-olga", OFFICER, name="Olga")
        cls.ann = new_test_user(cls.env, "propose-ann", OFFICER, name="Ann")
        cls.sales = cls._report("Sales", {(2026, 9): 80, (2026, 10): 90})
        cls.target = cls._target(cls.sales, (2026, 9), 100)

    @classmethod
    def _guard(cls, workflow_type="target_change", **values):
        """A workflow by which Ann approves."""
        approver = Command.create({"whom": "user", "user_id": cls.ann.id})
        return cls.env["kpi.approval.workflow"].create(
            {
                "name": "Guard",
                "model": "kpi.approval.change",
                "workflow_type": workflow_type,
                "owner_id": cls.ann.id,
                "level_ids": [Command.create({"approver_ids": [approver]})],
                **values,
            }
        )

    def _mine(self, record):
        """The record as Olga has it."""
        return record.with_user(self.olga)

    def _find_changes(self, *domain):
        return self.env["kpi.approval.change"].search(domain, order="id")

    def _approve(self, changes):
        self.assertIsNone(changes.with_user(self.ann).action_approve())
        self.env.invalidate_all()

    def _propose_value(self, value=120.0, target=None):
        target = self._mine(target or self.target)
        return target._propose({"value": value}, "More orders")

    @staticmethod
    def _day(year, month):
        return date(year, month, 1)
