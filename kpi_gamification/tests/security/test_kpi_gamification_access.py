from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.kpi_base.tests.security.access_case import AccessMixin
from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin
from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin
from odoo.addons.kpi_base.tests.security.access_oracle import (
    BY_OFFICERS,
    KNOWN,
    NOBODY,
    READ_ONLY,
)

A, B = {"a"}, {"b"}
CHOSEN = {**NOBODY, "user": A, "user_b": B}
ORACLE = {
    "kpi.achievement": {"read": KNOWN, **BY_OFFICERS},
    "kpi.gamification.choice": {
        "read": CHOSEN,
        **READ_ONLY,
    },
}
DIALOGS = {}
NEW_VALUES = {
    "kpi.achievement": {"points_value": 3},
    "kpi.gamification.choice": {"choice": "out"},
}
REASONS = {
    "kpi.gamification.choice": {
        "choose": "the user's own choice",
        "get_choice": "the user's own choice",
    },
}


class GamificationAccessCase(AccessMixin, TransactionCase):
    """An achievement of each company, and what a person of each chose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        people = {"a": cls.users["user"], "b": cls.users["user_b"]}
        return {
            **super()._make_records(),
            "kpi.achievement": {
                key: cls._named("kpi.achievement", company_id=company.id)
                for key, company in cls.company.items()
            },
            "kpi.gamification.choice": {
                key: cls.env["kpi.gamification.choice"].create(
                    {
                        "user_id": person.id,
                        "company_id": cls.company[key].id,
                        "choice": "hidden",
                    }
                )
                for key, person in people.items()
            },
        }


@tagged("post_install", "-at_install")
class TestKpiGamificationAccessMatrix(AccessMatrixMixin, GamificationAccessCase):
    """Who may do what with achievements and what people chose and earned."""

    addon = "kpi_gamification"
    oracle = ORACLE
    dialogs = DIALOGS
    new_values = NEW_VALUES


@tagged("post_install", "-at_install")
class TestKpiGamificationAccessMethods(
    AccessMethodsMixin, GamificationAccessCase, HttpCase
):
    """No method of achievements lets anybody reach more."""

    addon = "kpi_gamification"
    lower = ("kpi_base", "kpi_tracking", "kpi_tracking_collaboration")
    reasons = REASONS
