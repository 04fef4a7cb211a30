"""People with keys who have something to do with deals."""

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase

from ..deal_case import GROUP

SCOPES = ("deals.read", "deals.write")
ROLES = {
    "user": "agent",
    "officer": "admin",
    "viewer": "viewer",
    "other": "agent",
    "manager": "manager",
    "director": "manager",
}


class DealApiCase(KpiApiCase):
    """An agent, a manager and a viewer of one team; others beside it."""

    prefix = "/api/v1"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, role in ROLES.items():
            if name in cls.people:
                cls.people[name].group_ids += cls.env.ref(GROUP + role)
            else:
                cls.people[name] = new_test_user(cls.env, f"api_{name}", GROUP + role)
            cls.keys[name] = cls._key(name, SCOPES)
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Docks",
                "user_id": cls.people["manager"].id,
                "crm_team_member_ids": [
                    Command.create({"user_id": cls.people["viewer"].id})
                ],
            }
        )
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.reason = cls.env["crm.lost.reason"].create({"name": "Price"})

    def _create(self, who="user", **values):
        body = {
            "title": "Quay 7",
            "estimated_value_amount": "1250000.05",
            "estimated_value_currency": "EUR",
            "confidence": 0.5,
            **values,
        }
        return self.ask("/deals", who, json=body)
