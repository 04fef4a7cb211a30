from datetime import date

from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools import SQL

from odoo.addons.kpi_base.tests.security.access_case import AccessMixin
from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin
from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin
from odoo.addons.kpi_base.tests.security.access_oracle import (
    BY_OFFICERS,
    DEFINED,
    KNOWN,
    NOBODY,
    READ_ONLY,
)

A, B = {"a"}, {"b"}
CHOSEN = {**NOBODY, "user": A, "user_b": B}
# Uma and Bea are hidden; Sam, of Uma's company, chose to be shown.
REVIEWED = {**DEFINED, "officer_a": {"a", "shown"}, "user": A, "user_b": B}
REVIEWED |= dict.fromkeys(("officer_ab", "admin"), {"a", "b", "shown"})
IN_A = ("user", "manager", "leader", "parent", "officer_a", "officer_ab", "admin")
WALL = {**NOBODY, **dict.fromkeys(IN_A, {"shown"}), "user": {"a", "shown"}, "user_b": B}
# … of KPIs that one sees: Sam's is that of a department below Paula's
SEERS = ("parent", "officer_a", "officer_ab", "admin")
STREAKS = {**CHOSEN, **dict.fromkeys(SEERS, {"shown"})}
START, STOP = date(2026, 2, 1), date(2026, 3, 1)
ORACLE = {
    "kpi.achievement": {"read": KNOWN, **BY_OFFICERS},
    "kpi.achievement.condition": {"read": KNOWN, **BY_OFFICERS},
    "kpi.achievement.version": {"read": KNOWN, **READ_ONLY},
    "kpi.achievement.closing": {"read": DEFINED, **READ_ONLY},
    "kpi.achievement.correction": {"read": DEFINED, **READ_ONLY},
    "kpi.achievement.wall": {"read": WALL, **READ_ONLY},
    "kpi.gamification.choice": {"read": CHOSEN, **READ_ONLY},
    "kpi.performance.streak": {"read": STREAKS, **READ_ONLY},
    "kpi.user.achievement": {"read": REVIEWED, **READ_ONLY},
}
DIALOGS = {"kpi.achievement.revocation": {"officer_a", "officer_ab", "admin"}}
NEW_VALUES = {
    "kpi.achievement": {"points_value": 3},
    "kpi.achievement.closing": {"grain": "week"},
    "kpi.achievement.condition": {"least": 3},
    "kpi.achievement.correction": {"status": "x"},
    "kpi.achievement.version": {"number": 3},
    "kpi.achievement.wall": {"grain": "week"},
    "kpi.performance.streak": {"best_streak": 99},
    "kpi.user.achievement": {"points_earned": 99},
    "kpi.gamification.choice": {"choice": "out"},
}
REASONS = {
    "kpi.achievement": {"action_open_awards": "opens a list"},
    "kpi.achievement.revocation": {"action_confirm": "as revoking does"},
    "kpi.gamification.choice": {
        "choose": "the user's own choice",
        "get_choice": "the user's own choice",
    },
    "kpi.user.achievement": {
        "action_explain": "opens a list",
        "action_release": "asks for the right to change achievements",
        "action_revoke": "opens a dialog",
        "revoke": "asks for the right to change achievements",
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
        companies = {**cls.company, "shown": cls.a}
        people = {
            "a": cls.users["user"],
            "b": cls.users["user_b"],
            "shown": cls.users["sam"],
        }
        achievements, used = (
            {
                key: cls._named("kpi.achievement", company_id=company.id)
                for key, company in cls.company.items()
            }
            for _time in range(2)
        )
        conditions = {
            key: cls.env["kpi.achievement.condition"].create(
                {"achievement_id": achievement.id, "kind": "green"}
            )
            for key, achievement in used.items()
        }
        versions = {key: each._freeze() for key, each in used.items()}
        period = {"grain": "month", "period_start": START}
        decided = {
            key: {
                "achievement_id": used[key].id,
                "version_id": versions[key].id,
                "company_id": company.id,
                "period_stop": STOP,
                **period,
            }
            for key, company in cls.company.items()
        }
        decided["shown"] = decided["a"]
        awards = {
            key: cls._written(
                "kpi.user.achievement",
                user_id=person.id,
                earned_date="2026-03-06",
                points_earned=10,
                state="earned",
                **decided[key],
            )
            for key, person in people.items()
        }
        reports = {key: cls._report(people[key], companies[key]) for key in people}
        return {
            **super()._make_records(),
            "kpi.achievement": achievements,
            "kpi.achievement.condition": conditions,
            "kpi.achievement.version": versions,
            "kpi.achievement.closing": {
                key: cls._written("kpi.achievement.closing", **decided[key])
                for key in cls.company
            },
            "kpi.achievement.correction": {
                key: cls._written(
                    "kpi.achievement.correction", report_id=reports[key].id, **period
                )
                for key in cls.company
            },
            "kpi.user.achievement": awards,
            "kpi.achievement.wall": {
                key: cls.env["kpi.achievement.wall"].browse(award.id)
                for key, award in awards.items()
            },
            "kpi.performance.streak": {
                key: cls._written(
                    "kpi.performance.streak",
                    user_id=person.id,
                    company_id=companies[key].id,
                    kpi_id=reports[key].id,
                    streak_type="target_met",
                    current_streak=3,
                    freezes=1,
                    **period,
                )
                for key, person in people.items()
            },
            "kpi.gamification.choice": {
                key: cls.env["kpi.gamification.choice"].create(
                    {
                        "user_id": person.id,
                        "company_id": companies[key].id,
                        "choice": "shown" if key == "shown" else "hidden",
                    }
                )
                for key, person in people.items()
            },
        }

    @classmethod
    def _report(cls, person, company):
        definition = cls._named("kpi.definition", company_id=company.id)
        return definition._track_for("user", person, company.id)

    @classmethod
    def _written(cls, model, **values):
        """A row as the engine writes it."""
        records = cls.env[model]
        ((record_id,),) = cls.env.execute_query(
            SQL(
                "INSERT INTO %s (%s) VALUES %s RETURNING id",
                SQL.identifier(records._table),
                SQL(", ").join(map(SQL.identifier, values)),
                tuple(values.values()),
            )
        )
        return records.browse(record_id)


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
