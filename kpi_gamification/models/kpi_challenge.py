from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalFloat, OptionalInteger
from odoo.addons.kpi_base.models.approval.people import check_works_here

from ..engine.goal import PERIODS, suggest_goal
from .kpi_board_mixin import Window

SUBJECTS = {
    "individual": "user",
    "duel": "user",
    "team": "team",
    "department": "department",
}
LEAST_ENDED = 5  # goals of so many people before their hit rate is said


class KpiChallenge(models.Model):
    """A board from one day to another, of people who accepted.

    In a challenge of individuals each has a goal of their own; in the others those who
    accepted are ranked.
    """

    _name = "kpi.challenge"
    _description = "Challenge"
    _inherit = ["kpi.board.mixin", "kpi.input.mixin", "kpi.readonly.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    challenge_type = fields.Selection(
        [
            ("individual", "Individual goals"),
            ("duel", "Duel"),
            ("team", "Teams"),
            ("department", "Departments"),
        ],
        "Type",
        required=True,
        default="duel",
    )
    owner_id = fields.Many2one(
        "res.users",
        "Started By",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        copy=False,
        index=True,
        ondelete="restrict",
    )
    date_from = fields.Date("Begins", required=True, default=fields.Date.context_today)
    last_date = fields.Date("Last Day", required=True)
    member_ids = fields.One2many("kpi.challenge.member", "challenge_id", "Invited")
    is_ended = fields.Boolean("Ended", readonly=True, copy=False)
    hit_rate_note = fields.Char(compute="_compute_hit_rate_note", exportable=False)

    _dates_in_order = models.Constraint(
        "CHECK (last_date >= date_from)", "A challenge ends after it begins."
    )

    @api.depends("company_id", "challenge_type")
    def _compute_hit_rate_note(self):
        ended = self.env["kpi.challenge.member"].sudo()  # of all, nobody is named
        for challenge in self:
            found = ended._read_group(
                [
                    ("company_id", "=", challenge.company_id.id),
                    ("goal_share", ">", 0),
                    ("outcome", "!=", False),
                ],
                ["outcome"],
                ["__count"],
            )
            counts = dict(found)
            total = sum(counts.values())
            challenge.hit_rate_note = (
                challenge.challenge_type == "individual"
                and total >= LEAST_ENDED
                and self.env._(
                    "Of %(total)s suggested goals %(reached)s were reached.",
                    total=total,
                    reached=counts.get("reached", 0),
                )
            )

    @api.constrains("challenge_type", "member_ids", "definition_ids")
    def _check_members(self):
        for challenge in self:
            # All of them, whoever of them may be seen.
            members = challenge.sudo().member_ids
            if challenge.challenge_type == "duel" and len(members) > 2:
                raise ValidationError(self.env._("A duel is one of two people."))
            is_individual = challenge.challenge_type == "individual"
            if is_individual and len(challenge.definition_ids) != 1:
                raise ValidationError(
                    self.env._("Choose the one KPI that goals are for.")
                )

    def write(self, vals):
        fixed = {"challenge_type", "company_id", "date_from", "last_date"}
        ended = self.filtered("is_ended")
        if ended and vals.keys() - {"name"} - {"is_ended"}:
            raise UserError(self.env._("%s has ended.", ended[0].name))
        # Whoever accepted did so for these.
        if fixed & vals.keys() and self.sudo().member_ids.filtered(
            lambda member: member.answer == "accepted"
        ):
            raise UserError(
                self.env._("Somebody has accepted already. Start a new challenge.")
            )
        return super().write(vals)

    def _get_subject(self):
        return SUBJECTS[self.challenge_type]

    def _get_window(self):
        return Window(self.date_from, self.last_date + timedelta(days=1), self.is_ended)

    def _competing_sql(self, _window):
        return SQL(
            "SELECT %s FROM kpi_challenge_member"
            " WHERE challenge_id = %s AND answer = 'accepted'",
            SQL.identifier(f"{self._get_subject()}_id"),
            self.id,
        )

    def _frozen_sql(self, place, _window):
        return SQL(
            """
            SELECT %s AS subject_id, %s AS place, score::numeric, score AS raw_score,
                   fact_count, 1 AS people_count
              FROM kpi_challenge_member
             WHERE challenge_id = %s AND answer = 'accepted' AND score IS NOT NULL
            """,
            SQL.identifier(f"{self._get_subject()}_id"),
            place,
            self.id,
        )

    @api.readonly
    def get_board(self):
        """Return those who accepted, best first, as far as the user may see them.

        :return: dict of ``lines``: dicts of ``rank``, ``name``, ``score``, ``gap`` and
            ``is_mine``
        """
        self.ensure_one()
        self.check_access("read")
        mine = self._find_mine()
        places = self._find_places([self._get_window()], mine)
        return {"lines": self._prepare_lines(places, mine)}

    @api.model
    def _find_over(self):
        """Challenges that are over, days enough ago for values to be there."""
        found = self.search([("is_ended", "=", False), ("last_date", "<", "today")])
        today = fields.Date.today()
        return found.filtered(
            lambda one: (
                one.last_date + timedelta(days=one.company_id.gamification_days) < today
            )
        )

    def _end(self):
        """Store what everybody reached; once."""
        self.env["kpi.claim"]._claim(f"end of challenge {self.id}")
        if self.is_ended:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_challenge_member AS member
                   SET score = scored.score, fact_count = scored.fact_count
                  FROM (%s) AS scored
                 WHERE member.challenge_id = %s
                   AND member.answer = 'accepted'
                   AND member.%s = scored.subject_id
                """,
                self._scored_sql(0, self._get_window()),
                self.id,
                SQL.identifier(f"{self._get_subject()}_id"),
            )
        )
        self.member_ids.invalidate_recordset()
        self.member_ids._store_outcomes()
        self.is_ended = True


class KpiChallengeMember(models.Model):
    """Somebody who is asked to take part, for themselves or a group they lead."""

    _name = "kpi.challenge.member"
    _description = "Member of a Challenge"
    _inherit = [
        "kpi.gamification.person.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
    ]
    _rec_name = "user_id"
    _order = "id"
    _check_company_auto = True

    challenge_id = fields.Many2one(
        "kpi.challenge", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="challenge_id.company_id", store=True, precompute=True
    )
    challenge_type = fields.Selection(related="challenge_id.challenge_type")
    user_id = fields.Many2one(
        readonly=False,
        compute="_compute_user_id",
        store=True,
        precompute=True,
        index=True,
        help="Who answers: for a team its leader, for a department its manager.",
    )
    team_id = fields.Many2one("kpi.team", check_company=True, ondelete="restrict")
    department_id = fields.Many2one(
        "hr.department", check_company=True, ondelete="restrict"
    )
    answer = fields.Selection(
        [("waiting", "Asked"), ("accepted", "Accepted"), ("declined", "Declined")],
        required=True,
        readonly=True,
        default="waiting",
        copy=False,
    )
    goal = OptionalFloat(aggregator=None, copy=False, help="Value to be reached.")
    goal_share = fields.Float(
        "Reached Before",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Share of the last 12 periods that reached the suggested goal.",
    )
    score = OptionalFloat(readonly=True, copy=False, aggregator=None)
    fact_count = OptionalInteger("Values", readonly=True, copy=False, aggregator=None)
    outcome = fields.Selection(
        [("reached", "Reached"), ("missed", "Missed")], readonly=True, copy=False
    )

    _invited_uniq = models.UniqueIndex(
        "(challenge_id, user_id, coalesce(team_id, 0), coalesce(department_id, 0))",
        "This is invited already.",
    )

    @api.model
    def _get_shown_domain(self):
        """Groups are shown to all; people as they choose."""
        groups = Domain("team_id", "!=", False) | Domain("department_id", "!=", False)
        return groups | super()._get_shown_domain()

    @api.depends("team_id", "department_id")
    def _compute_user_id(self):
        for member in self:
            if member.team_id or member.department_id:
                # Who leads what is no secret.
                own = member.sudo()
                manager = own.department_id.manager_id.user_id
                member.user_id = own.team_id.leader_id or manager

    @api.constrains("challenge_id", "user_id", "team_id", "department_id")
    def _check_who(self):
        for member in self:
            subject = member.challenge_id._get_subject()
            given = {
                "user": not (member.team_id or member.department_id),
                "team": member.team_id and not member.department_id,
                "department": member.department_id and not member.team_id,
            }
            if not given[subject]:
                raise ValidationError(
                    self.env._("Invite people, teams or departments as the type says.")
                )
            check_works_here(member, "user_id", member.company_id)

    def write(self, vals):
        # Whoever invited somebody who is hidden may change that, too.
        if self.sudo().challenge_id.filtered("is_ended") and not self.env.su:
            raise UserError(self.env._("The challenge has ended."))
        return super().write(vals)

    def action_accept(self):
        """Take part; colleagues see one's place.

        :raises UserError: whoever is hidden would be on no board of people
        """
        self._check_mine()
        choices = self.env["kpi.gamification.choice"]
        for member in self:
            is_of_people = member.challenge_id._get_subject() == "user"
            choice = choices.with_company(member.company_id).get_choice()
            if is_of_people and choice != "shown" and member.challenge_type == "duel":
                raise UserError(
                    self.env._(
                        "Whoever takes part in a duel sees the other's place. Show your"
                        " achievements to colleagues first."
                    )
                )
            if choice == "out":
                raise UserError(
                    self.env._("You do not take part in %s.", member.company_id.name)
                )
        # Only these methods write the answer.
        own = self.sudo()
        own.answer = "accepted"
        own._suggest_goals()

    def action_decline(self):
        """Do not take part."""
        self._check_mine()
        # Only these methods write the answer.
        self.sudo().answer = "declined"

    def _check_mine(self):
        self.check_access("read")
        for member in self:
            if member.user_id != self.env.user:
                raise AccessError(
                    self.env._("%s answers for themselves.", member.user_id.name)
                )
            if member.challenge_id.is_ended:
                raise UserError(self.env._("The challenge has ended."))

    def _suggest_goals(self):
        """Set goals that are within reach, where nobody has typed one."""
        for member in self:
            challenge = member.challenge_id
            if challenge.challenge_type != "individual" or member.goal is not False:
                continue
            definition = challenge.definition_ids
            if definition.direction not in ("higher", "lower"):
                continue
            values = member._find_values(stop=challenge.date_from)
            goal = suggest_goal(
                values[-PERIODS:],
                is_higher_better=definition.direction == "higher",
                decimals=definition.decimals,
            )
            if goal:
                member.write({"goal": goal.value, "goal_share": goal.share})

    def _find_values(self, *, start=None, stop):
        """Values of the person's KPI in closed periods, oldest first."""
        self.env["kpi.report"].flush_model()
        definition = self.challenge_id.definition_ids
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fact.value
                  FROM kpi_report AS report
                  JOIN kpi_measurement AS fact ON fact.report_id = report.id
                 WHERE report.definition_id = ANY(%s)
                   AND report.scope_type = 'user'
                   AND report.user_id = %s
                   AND report.company_id = %s
                   AND fact.grain = %s
                   AND fact.period_start < %s
                   AND fact.period_start >= %s
              ORDER BY fact.period_start
                """,
                definition.ids,
                self.user_id.id,
                self.company_id.id,
                definition.frequency,
                stop,
                start or fields.Date.to_date("1900-01-01"),
            )
        )
        return [value for (value,) in rows]

    def _store_outcomes(self):
        """Note who reached the goal: by the last period that ended in the challenge."""
        for member in self.filtered(lambda one: one.goal is not False):
            challenge = member.challenge_id
            stop = challenge.last_date + timedelta(days=1)
            values = member._find_values(start=challenge.date_from, stop=stop)
            if member.answer != "accepted" or not values:
                continue
            is_higher = challenge.definition_ids.direction == "higher"
            is_reached = (
                values[-1] >= member.goal if is_higher else values[-1] <= member.goal
            )
            member.outcome = "reached" if is_reached else "missed"
