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
    "kpi.gamification.change": {"read": DEFINED, **READ_ONLY},
    "kpi.gamification.choice": {"read": CHOSEN, **READ_ONLY},
    "kpi.performance.streak": {"read": STREAKS, **READ_ONLY},
    "kpi.user.achievement": {"read": REVIEWED, **READ_ONLY},
}
DIALOGS = dict.fromkeys(
    ("kpi.achievement.revocation", "kpi.kudos.pair"),
    {"officer_a", "officer_ab", "admin"},
)
NEW_VALUES = {
    "kpi.achievement": {"points_value": 3},
    "kpi.achievement.closing": {"grain": "week"},
    "kpi.achievement.condition": {"least": 3},
    "kpi.achievement.correction": {"status": "x"},
    "kpi.achievement.version": {"number": 3},
    "kpi.achievement.wall": {"grain": "week"},
    "kpi.performance.streak": {"best_streak": 99},
    "kpi.user.achievement": {"points_earned": 99},
}
# Records of Uma and of Bea, whom nobody sees as they have not chosen to be shown.
OWN = {"read": CHOSEN, **READ_ONLY}
ORDERED = {
    **CHOSEN,
    **{who: DEFINED[who] for who in ("officer_a", "officer_ab", "admin")},
}
# Anybody starts challenges, and changes their own; here those of nobody among them.
STARTED = {who: KNOWN[who] - {"common"} for who in KNOWN}
OFFICERS = {
    **NOBODY,
    **{who: STARTED[who] for who in ("officer_a", "officer_ab", "admin")},
}
ORACLE |= {
    "kpi.points.entry": OWN,
    "kpi.points.balance": OWN,
    "kpi.points.cap": {"read": KNOWN, **BY_OFFICERS},
    "kpi.achievement.level": {"read": KNOWN, **BY_OFFICERS},
    "kpi.reward": {"read": KNOWN, **BY_OFFICERS},
    "kpi.reward.order": {**READ_ONLY, "read": ORDERED},
    # Copied, they would be in the name of somebody else.
    "kpi.kudos": {**READ_ONLY, "read": CHOSEN},
    "kpi.leaderboard": {"read": KNOWN, **BY_OFFICERS},
    "kpi.leaderboard.line": OWN,
    "kpi.challenge": {
        "read": STARTED,
        "write": OFFICERS,
        "create": STARTED,
        "unlink": OFFICERS,
    },
    "kpi.challenge.member": {
        "read": CHOSEN,
        "write": OFFICERS,
        "create": OFFICERS,
        "unlink": OFFICERS,
    },
}
NEW_VALUES |= {
    "kpi.challenge": {"name": "Other"},
    "kpi.challenge.member": {"goal": 3.0},
    "kpi.gamification.change": {"kind": "thresholds"},
    "kpi.gamification.choice": {"choice": "out"},
    "kpi.kudos": {"text": "Other"},
    "kpi.leaderboard": {"name": "Other"},
    "kpi.leaderboard.line": {"score": 3.0},
    "kpi.points.balance": {"balance": 3},
    "kpi.achievement.level": {"least_points": 3},
    "kpi.points.cap": {"most_points": 3},
    "kpi.points.entry": {"points": 3},
    "kpi.reward": {"price": 3},
    "kpi.reward.order": {"price": 3},
}
DECIDES = "refuses whoever is not asked"
REASONS = {
    "kpi.achievement": {
        "action_add_ready": "asks for the right to create achievements",
    },
    "kpi.achievement.page": {
        "get_brief": "the user's own, and what people show",
        "get_mine": "the user's own, and what people show",
        "get_standings": "what people show",
    },
    "kpi.achievement.review": {"get_items": "officers only"},
    "kpi.achievement.revocation": {"action_confirm": "as revoking does"},
    "kpi.challenge": {"get_board": "read access; who is shown"},
    "kpi.challenge.member": {
        "action_accept": "one's own answer",
        "action_decline": "one's own answer",
    },
    "kpi.kudos.pair": {"action_find": "officers only"},
    "kpi.leaderboard": {
        "get_board": "read access; who is shown",
        "get_live_board": "read access; who is shown",
    },
    "kpi.reward": {"action_order": "the user's own points"},
    "kpi.reward.order": {
        "action_approve": DECIDES,
        "action_ask_approval": "refuses everybody",
        "action_cancel": "one's own, or officers",
        "action_forward": DECIDES,
        "action_hand_over": "officers only",
        "action_recall": "whoever ordered",
        "action_reject": DECIDES,
        "action_return": DECIDES,
        "decide_approvals": DECIDES,
        "get_timeline": "asks for the right to read it",
        "preview_approvers": "asks for the right to read it",
        "verify_history": "asks for the right to read it",
    },
    "kpi.gamification.change": {
        "action_agree": "asks for the right to change achievements",
    },
    "kpi.gamification.choice": {
        "choose": "the user's own choice",
        "get_choice": "the user's own choice",
    },
    "kpi.user.achievement": {
        "action_explain": "opens a list",
        "mark_celebrated": "the user's own",
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
            "kpi.gamification.change": {
                key: cls._written(
                    "kpi.gamification.change",
                    definition_id=reports[key].definition_id.id,
                    company_id=company.id,
                    kind="archived",
                    user_id=cls.env.ref("base.user_root").id,
                    day=START,
                    state="waiting",
                )
                for key, company in cls.company.items()
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
            **cls._make_points({key: people[key] for key in cls.company}),
            **cls._make_boards({key: people[key] for key in cls.company}),
        }

    @classmethod
    def _make_points(cls, people):
        """Points of a person of each company, and what they ordered for them."""
        entries = cls.env["kpi.points.entry"]
        rows = [
            SQL("(%s, %s, 50, %s, 'x')", person.id, cls.company[key].id, -person.id)
            for key, person in people.items()
        ]
        entries._book(SQL("VALUES %s", SQL(", ").join(rows)), "award")
        # What was ordered can be deleted by nobody: another one is, too dear to order.
        ordered, rewards = (
            {
                key: cls._named("kpi.reward", price=price, company_id=company.id)
                for key, company in cls.company.items()
            }
            for price in (10, 1000)
        )
        return {
            "kpi.points.entry": {
                key: entries.search([("user_id", "=", person.id)])
                for key, person in people.items()
            },
            "kpi.points.balance": {
                key: cls.env["kpi.points.balance"].search([("user_id", "=", person.id)])
                for key, person in people.items()
            },
            "kpi.achievement.level": {
                key: cls._named(
                    "kpi.achievement.level", least_points=9, company_id=company.id
                )
                for key, company in cls.company.items()
            },
            "kpi.points.cap": {
                key: cls.env["kpi.points.cap"].create(
                    {"most_points": 1000, "company_id": company.id}
                )
                for key, company in cls.company.items()
            },
            "kpi.reward": rewards,
            "kpi.reward.order": {
                key: cls._order(ordered[key], person) for key, person in people.items()
            },
        }

    @classmethod
    def _order(cls, reward, person):
        ordered = reward.with_user(person).action_order()
        return cls.env["kpi.reward.order"].browse(ordered["res_id"])

    @classmethod
    def _make_boards(cls, people):
        """Kudos to a person of each company, their place on a board, a challenge."""
        boards, frozen = (
            {
                key: cls._named(
                    "kpi.leaderboard",
                    leaderboard_type="company_wide",
                    company_id=company.id,
                )
                for key, company in cls.company.items()
            }
            for _each in range(2)
        )
        lines = cls.env["kpi.leaderboard.line"]
        lines._insert(
            [
                {
                    "leaderboard_id": frozen[key].id,
                    "company_id": cls.company[key].id,
                    "user_id": person.id,
                    "period_start": "2026-01-01",
                    "period_stop": "2026-02-01",
                    "score": 90.0,
                    "raw_score": 90.0,
                    "fact_count": 1,
                    "people_count": 1,
                    "frozen_at": "2026-02-06",
                }
                for key, person in people.items()
            ]
        )
        challenges = {
            key: cls._named(
                "kpi.challenge",
                challenge_type="individual",  # duels are their people's
                definition_ids=cls._named("kpi.definition", company_id=company.id),
                last_date="2099-01-31",
                company_id=company.id,
            )
            for key, company in cls.company.items()
        }
        return {
            "kpi.kudos": {
                key: cls.env["kpi.kudos"].create(
                    {
                        "user_id": person.id,
                        "company_id": cls.company[key].id,
                        "text": "Access",
                        "period_start": "2026-01-01",
                    }
                )
                for key, person in people.items()
            },
            "kpi.leaderboard": boards,
            "kpi.leaderboard.line": {
                key: lines.search([("leaderboard_id", "=", frozen[key].id)])
                for key in people
            },
            "kpi.challenge": challenges,
            "kpi.challenge.member": {
                key: cls.env["kpi.challenge.member"].create(
                    {"challenge_id": challenges[key].id, "user_id": person.id}
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

    def _values_of_another(self):
        return {
            "kpi.achievement.level": {"least_points": 19},
            "kpi.challenge.member": {"user_id": self.users["admin"].id},
        }


@tagged("post_install", "-at_install")
class TestKpiGamificationAccessMethods(
    AccessMethodsMixin, GamificationAccessCase, HttpCase
):
    """No method of achievements lets anybody reach more."""

    addon = "kpi_gamification"
    lower = ("kpi_base", "kpi_tracking", "kpi_tracking_collaboration")
    reasons = REASONS
    arguments = {
        "action_forward": lambda case: [case.users["officer_a"].id],
        "action_reject": lambda case: ["Access"],
        "action_return": lambda case: ["Access"],
        "decide_approvals": lambda case: ["reject", "Access"],
    }
