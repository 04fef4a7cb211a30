from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_achievement, format_number
from odoo.addons.kpi_base.models.approval.people import check_works_here
from odoo.addons.kpi_base.roles import OFFICER

from ..engine.goal import suggest_goal
from .kpi_board_mixin import MOST_ACHIEVEMENT

# What people have to have chosen who take part for themselves.
NEEDED = {
    "duel": ("shown",),
    "goal": ("shown", "hidden"),
    "individual": ("shown", "hidden"),
}
LEAST_MEMBERS = 3  # of fewer a sum gives away the others
POINTS = "points_earned"  # of them no KPI counts
FOR_GROUPS = Domain("team_id", "!=", False) | Domain("department_id", "!=", False)
ACCEPTED = {"accepted", "left"}
RUNS = Domain("challenge_id.is_ended", "=", False)
LEAST_ENDED = 5  # goals of so many people before their hit rate is said


class KpiChallenge(models.Model):
    """A board from one day to another, of people who accepted.

    In a challenge of individuals each has a goal of their own; in the others those who
    accepted are ranked.
    """

    _name = "kpi.challenge"
    _description = "Challenge"
    _inherit = ["kpi.access.mixin", "kpi.board.mixin", "kpi.readonly.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _log_access = False  # it would name who started it, shown or not
    _readable_by = _editable_by = (
        "company_id",
        "owner_id",
        "challenge_type",
        "member_ids",
    )
    _board_type = "challenge_type"

    name = fields.Char(required=True)
    challenge_type = fields.Selection(
        [
            ("individual", "Individual Goals"),
            ("duel", "Duel"),
            ("team", "Teams"),
            ("department", "Departments"),
            ("goal", "Team Goal"),
        ],
        "Type",
        required=True,
        default="duel",
    )
    goal_kind = fields.Selection(
        [
            ("sum", "Sum of All Members"),
            ("mean", "Average of the Members"),
            ("every", "Every Member on Target"),
        ],
        "Reached By",
        default="sum",
        required=True,
        help="Every Member on Target: each member, in all KPIs of the challenge.",
    )
    common_goal = OptionalFloat(
        "Common Target",
        aggregator=None,
        help="With several KPIs, a sum adds values of one unit; an average is the "
        "achievement of their targets, in percent.",
    )
    reward_points = fields.Integer(
        "Points for Each Member",
        aggregator=None,
        help="Given to all members except the starter. Set by officers.",
    )
    progress = fields.Json(compute="_compute_progress", exportable=False)
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        copy=False,
        index=True,
        ondelete="restrict",
        groups=fields.NO_ACCESS,
    )
    starter_id = fields.Many2one(
        "res.users", "Started By", compute="_compute_starter_id", exportable=False
    )
    date_from = fields.Date(
        "Start Date", required=True, default=fields.Date.context_today
    )
    last_date = fields.Date("Last Day", required=True)
    member_ids = fields.One2many("kpi.challenge.member", "challenge_id", "Invited")
    is_started = fields.Boolean(compute="_compute_is_started", exportable=False)
    is_ended = fields.Boolean("Ended", readonly=True, copy=False)
    hit_rate_note = fields.Char(compute="_compute_hit_rate_note", exportable=False)
    left_note = fields.Char(compute="_compute_left_note", exportable=False)

    _dates_in_order = models.Constraint(
        "CHECK (last_date >= date_from)", "“Last Day” cannot be before “Start Date”."
    )

    @api.depends("company_id", "owner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_starter_id(self):
        """Who started it, where they are shown to the user."""
        shown = self.env["kpi.gamification.person.mixin"]._get_shown_person_domain(
            "owner_id"
        )
        # It is said of those alone who may be named.
        named = self.sudo().search(Domain("id", "in", self.ids) & shown)
        for challenge in self:
            # as above
            challenge.starter_id = challenge in named and challenge.sudo().owner_id

    @api.depends("company_id", "challenge_type")
    def _compute_hit_rate_note(self):
        members = self.env["kpi.challenge.member"].sudo()  # of all, nobody is named
        self.hit_rate_note = False
        for challenge in self.filtered(lambda one: one.challenge_type == "individual"):
            known = Domain("company_id", "=", challenge.company_id.id)
            known &= Domain("goal_share", ">", 0) & Domain("outcome", "!=", False)
            outcomes = members.search(known).mapped("outcome")
            if len(outcomes) >= LEAST_ENDED:
                challenge.hit_rate_note = self.env._(
                    "%(reached)s of %(total)s suggested goals reached.",
                    total=len(outcomes),
                    reached=outcomes.count("reached"),
                )

    @api.depends("company_id", "date_from")
    def _compute_is_started(self):
        for challenge in self:
            start = challenge.date_from
            challenge.is_started = start and start <= challenge._get_today()

    @api.depends("company_id")
    def _compute_left_note(self):
        # How many left is said to those who read it, not who.
        left = self._find_members().filtered(lambda one: one.answer == "left")
        for challenge in self:
            count = sum(one.challenge_id == challenge for one in left)
            note = say_count(
                count, self.env._("1 person left."), self.env._("%s people left.")
            )
            challenge.left_note = count > 0 and note

    @api.constrains("date_from")
    def _check_start(self):
        """Nobody starts one whose course they know."""
        for challenge in self:
            if challenge.date_from < challenge._get_today():
                raise ValidationError(
                    self.env._("“Start Date” must be today or later.")
                )

    @api.constrains("challenge_type", "member_ids")
    def _check_duel(self):
        duels = self.filtered(lambda one: one.challenge_type == "duel")
        if any(len(duel._find_members()) > 2 for duel in duels):
            raise ValidationError(self.env._("A duel has two people."))

    @api.constrains("challenge_type", "definition_ids")
    def _check_goals(self):
        for challenge in self.filtered(lambda one: one.challenge_type == "individual"):
            if not challenge.definition_ids:
                raise ValidationError(self.env._("Choose the KPIs of the goals."))
            challenge._check_comparable()

    def _check_comparable(self):
        """Check that several KPIs can be one goal.

        :raises ValidationError: they have not the same periods, or are to be added up
            and are not of one unit and direction
        """
        kpis = self.definition_ids
        if len({*kpis.mapped("frequency")}) > 1:
            raise ValidationError(
                self.env._("%s: choose KPIs of the same period length.", self.name)
            )
        # Of another calendar a month begins on another day.
        if len(kpis.calendar_id) > 1:
            raise ValidationError(
                self.env._("%s: choose KPIs of the same calendar.", self.name)
            )
        units = {
            (
                one.unit,
                one.unit == "custom" and one.unit_symbol,
                one.unit == "duration" and one.duration_unit,
                one.unit == "currency" and one.currency_id,
                one.direction,
            )
            for one in kpis
        }
        if self._is_sum() and len(units) > 1:
            raise ValidationError(
                self.env._(
                    "%s: only KPIs of one unit and direction can be added up. Use the "
                    "average.",
                    self.name,
                )
            )

    def _is_sum(self):
        return self.challenge_type == "goal" and self.goal_kind == "sum"

    def _is_in_percent(self):
        """Whether goals are achievement, in percent: of several KPIs, or of one that is
        to stay in a range, unless values of one unit are added up.
        """
        kpis = self.definition_ids
        has_no_value = len(kpis) > 1 or kpis.direction == "range"
        return has_no_value and not self._is_sum()

    @api.depends_context("uid", "lang")
    def _compute_progress(self):
        for challenge in self:
            is_goal = challenge._origin and challenge.challenge_type == "goal"
            known = challenge._origin
            challenge.progress = is_goal and known._get_progress(
                is_final=known.is_ended
            )

    @api.constrains("challenge_type", "definition_ids", "goal_kind", "common_goal")
    def _check_common_goal(self):
        for challenge in self.filtered(lambda one: one.challenge_type == "goal"):
            if challenge.goal_kind == "every":
                if not challenge.definition_ids:
                    raise ValidationError(self.env._("Choose the KPIs of the goal."))
            elif not challenge.definition_ids or challenge.common_goal is False:
                raise ValidationError(
                    self.env._("Choose the KPIs and enter the common target.")
                )
            else:
                challenge._check_comparable()

    @api.constrains("reward_points", "company_id")
    def _check_reward_points(self):
        for challenge in self.filtered("reward_points"):
            # what holds for all is open
            most = challenge.company_id.sudo().gamification_most_points
            if not 0 <= challenge.reward_points <= most:
                raise ValidationError(
                    self.env._("“Points for Each Member” must be 0 to %s.", most)
                )

    def _check_may_pay(self, vals):
        """:raises UserError: points are given by another than an officer"""
        if vals.get("reward_points") and not self.env.su:
            if not self.env.user.has_group(OFFICER):
                raise UserError(
                    self.env._("Only officers can give points for a challenge.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_may_pay(vals)
        return super().create(vals_list)

    def _get_progress(self, *, is_final=False):
        """How far a team goal is.

        :param is_final: of periods that ended in the challenge alone
        :return: dict of ``value``, ``goal`` (of members, where every one counts),
            ``ratio`` (0 to 1), ``share`` (the user's own part of a sum, or False),
            ``people``, ``is_reached``, ``is_limit`` (a sum of which less is better:
            ``ratio`` is what was used of it, and it is reached at the end only),
            ``is_over`` (of a limit), ``text`` and ``message`` (why it is not shown)
        """
        # What all who accepted have together is for each of them.
        members = self._find_members().filtered(lambda one: one.answer == "accepted")
        own = members.filtered(lambda one: one.user_id == self.env.user)
        empty = {"value": 0, "goal": 0, "ratio": 0, "share": False, "text": ""}
        empty |= {"people": len(members), "is_reached": False}
        empty |= {"is_limit": False, "is_over": False}
        if len(members) < LEAST_MEMBERS:
            message = self.env._("The bar is shown from %s members on.", LEAST_MEMBERS)
            return {**empty, "message": message}
        is_limit = is_over = is_percent = False
        if self.goal_kind == "every":
            value = sum(self._are_on_target(members.user_id, is_final=is_final))
            goal, is_reached, share = len(members), value == len(members), False
            ratio, decimals = value / goal, 0
        else:
            kpis = members.challenge_id.definition_ids
            is_percent = members.challenge_id._is_in_percent()
            read = (
                self._read_member_achievements
                if is_percent
                else self._read_member_values
            )
            values = read(members.user_id, is_final=is_final)
            goal = self.common_goal
            total = sum(values.values())
            is_sum, decimals = self._is_sum(), max(kpis.mapped("decimals"))
            value = total if is_sum else total / max(len(values), 1)
            share = is_sum and bool(own) and values.get(self.env.uid, 0)
            is_higher = is_percent or kpis[0].direction != "lower"
            is_limit = is_sum and not is_higher
            is_met = bool(values) and (value >= goal if is_higher else value <= goal)
            is_over = is_limit and value > goal
            # What only grows can still exceed its limit.
            is_reached = is_met and (is_final or not is_limit)
            if is_limit:
                ratio = _get_ratio(value, goal) if value else 0
            else:
                ratio = 1 if is_met else _get_ratio(*sorted((value, goal)))
            ratio = ratio if values else 0
        if is_percent:
            shown = [format_achievement(self.env, one) for one in (value, goal)]
        else:
            shown = [format_number(self.env, one, decimals) for one in (value, goal)]
        text = self.env._("%(value)s of %(goal)s", value=shown[0], goal=shown[1])
        if is_limit:
            text = self.env._(
                "%(value)s of at most %(goal)s", value=shown[0], goal=shown[1]
            )
        return {
            **empty,
            "value": value,
            "goal": goal,
            "ratio": ratio,
            "share": share is not False and format_number(self.env, share, decimals),
            "is_reached": is_reached,
            "is_limit": is_limit,
            "is_over": is_over,
            "text": text,
            "message": "",
        }

    def _read_member_values(self, people, *, is_final):
        """Id of a person → sum, or average, of their values in the challenge."""
        # Called for what they have together.
        own = self.sudo()
        kpis = own.definition_ids
        days = own._get_ended_domain(kpis[0])
        if not is_final:
            first = kpis[0].calendar_id._period(kpis[0].frequency, self.date_from)
            days = Domain("period_start", ">=", first.start)
            days &= Domain("period_start", "<=", self.last_date)
        rows = own.env["kpi.measurement"]._read_group(
            Domain("report_id.definition_id", "in", kpis.ids)
            & Domain("report_id.scope_type", "=", "user")
            & Domain("report_id.user_id", "in", people.ids)
            & Domain("report_id.company_id", "=", self.company_id.id)
            & Domain("grain", "=", kpis[0].frequency)
            & days,
            ["report_id"],
            ["value:sum" if self._is_sum() else "value:avg"],
        )
        values = {}
        for report, value in rows:
            values[report.user_id.id] = values.get(report.user_id.id, 0) + value
        return values

    def _read_member_achievements(self, people, *, is_final):
        """Id of a person → mean achievement of their KPIs in the challenge, in percent,
        by weight: in periods that ended in it, before the first of these by current
        values.
        """
        reports = self._find_reports(people)
        judged = self._read_judged(reports, "achievement:avg")
        shares = {}
        for report in reports:
            now = False if is_final else report.achievement
            share = judged.get(report, now)
            shares.setdefault(report.user_id.id, []).append((report, share))
        means = {person: _get_mean(found) for person, found in shares.items()}
        return {person: mean for person, mean in means.items() if mean is not None}

    def _find_reports(self, people):
        """The KPIs of the challenge of some people, as superuser."""
        own = self.sudo()  # as above
        return own.env["kpi.report"].search(
            Domain("definition_id", "in", own.definition_ids.ids)
            & Domain("scope_type", "=", "user")
            & Domain("user_id", "in", people.ids)
            & Domain("company_id", "=", self.company_id.id)
        )

    def _read_judged(self, reports, aggregate):
        """KPI → ``aggregate`` of its periods that were judged and ended in it.

        The one in which it begins counts, as in sums.

        Others than the KPI's own, as weeks of a monthly one, are shown and decide
        nothing.
        """
        alike = reports.grouped(
            lambda one: (one.definition_id.calendar_id, one.definition_id.frequency)
        )
        own_periods = Domain.OR(
            Domain("report_id", "in", same.ids)
            & Domain("grain", "=", frequency)
            & self._get_ended_domain(same.definition_id[0])
            for (_calendar, frequency), same in alike.items()
        )
        rows = reports.env["kpi.target.value"]._read_group(
            own_periods & Domain("status", "!=", False), ["report_id"], [aggregate]
        )
        return dict(rows)

    def _are_on_target(self, people, *, is_final):
        """Whether each of some people is on target in all KPIs of the challenge: in
        those periods that ended in it, before the first of these by current values.
        """
        reports = self._find_reports(people)
        judged = self._read_judged(reports, "status:array_agg")
        statuses = {report: {*found} for report, found in judged.items()}

        def is_on_target(report):
            now = set() if is_final else {report.status}
            return statuses.get(report, now) == {"on_target"}

        wanted = len(self.sudo().definition_ids)  # as above
        for person in people:
            kpis = reports.filtered(lambda one, person=person: one.user_id == person)
            yield len(kpis) == wanted and all(map(is_on_target, kpis))

    def _get_today(self):
        # what holds for all is open
        return self.company_id.sudo()._get_gamification_today()

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_accepted(self):
        self._find_members()._unlink_unless_accepted()

    def write(self, vals):
        self._check_may_pay(vals)
        ended = self.filtered("is_ended")
        if ended and vals.keys() - {"name"} - {"is_ended"}:
            raise UserError(self.env._("%s has ended.", ended[0].name))
        # Whoever accepted agreed to all else.
        answers = {*self._find_members().mapped("answer")}
        is_other = vals.keys() - {"name", "member_ids", "is_ended", "owner_id"}
        is_fixing = self.env.su and vals.keys() == {"definition_ids"}
        if is_other and answers & ACCEPTED and not is_fixing:
            raise UserError(
                self.env._("An accepted challenge cannot be changed. Start a new one.")
            )
        return super().write(vals)

    def _find_members(self):
        """All who are asked. They are searched: records that a user has read have only
        the members that this user sees, also as superuser.
        """
        # All of them, regardless of what the user sees.
        members = self.env["kpi.challenge.member"].sudo()
        return members.search(Domain("challenge_id", "in", self.ids))

    def _competing_sql(self, _period):
        return SQL(
            "SELECT %s FROM kpi_challenge_member"
            " WHERE challenge_id = %s AND answer = 'accepted'",
            SQL.identifier(f"{self._get_subject()}_id"),
            self.id,
        )

    def _find_mine(self):
        # Whoever answers for a group knows it, too.
        mine, subject = super()._find_mine(), self._get_subject()
        if subject == "user" or self.env.context.get("kpi_is_public"):
            return mine
        # Of what they answer for they are told by being asked.
        asked = self._find_members().filtered(lambda one: one.user_id == self.env.user)
        return [*mine, *asked[f"{subject}_id"].ids]

    def _is_between(self, mine):
        accepted = Domain("challenge_id", "=", self.id) & Domain(
            "answer", "=", "accepted"
        )
        # All of them, whoever of them may be seen.
        members = self.env["kpi.challenge.member"].sudo().search(accepted)
        subject = self._get_subject()
        ids = {member[f"{subject}_id"].id for member in members}
        is_of_two = self.challenge_type == "duel" or subject != "user" and len(ids) == 2
        return is_of_two and bool(ids & {*mine})

    @api.readonly
    def get_board(self):
        """Return ``message`` and ``lines`` of who accepted, as of a leaderboard.

        A duel is between its two people: others read none of it.
        """
        self.ensure_one()
        self.check_access("read")
        mine = self._find_mine()
        if self.challenge_type == "goal":
            return {"message": self.env._("A team goal has no ranks."), "lines": []}
        if self.challenge_type == "duel" and not self._is_between(mine):
            return {
                "message": self.env._(
                    "Only the two people of a duel see their places."
                ),
                "lines": [],
            }
        days = Period("day", self.date_from, self.last_date + timedelta(days=1))
        places = self._find_places([days], mine)
        message = self._say_hidden(places, mine)
        shown = self._choose_places(places, mine, message)
        lines = self._prepare_lines(shown, mine)
        return {"message": message or self._say_unranked(lines), "lines": lines}

    def _fix_kpis(self):
        """Name the KPIs that count from now on, where none are: those there are."""
        for challenge in self:
            if challenge.definition_ids or challenge.score_calculation == POINTS:
                continue
            tracked = self.env["kpi.report"].search(
                Domain("company_id", "=", challenge.company_id.id)
                & Domain("scope_type", "=", challenge._get_subject())
                & Domain("definition_id.weight", ">", 0)
            )
            # People who accepted agreed to these: they cannot be changed afterwards.
            challenge.sudo().definition_ids = tracked.definition_id

    def _get_ended_domain(self, definition):
        """Values of a KPI in its periods that ended in the challenge."""
        calendar, grain = definition.calendar_id, definition.frequency
        first = calendar._period(grain, self.date_from)
        # of the day after the last one: those before it have ended
        after = calendar._period(grain, self.last_date + timedelta(days=1))
        since = Domain("period_start", ">=", first.start)
        return since & Domain("period_start", "<", after.start)

    def _find_own_invitations(self):
        """Invitations of the user, for themselves and groups that they lead.

        :raises UserError: nothing
        """
        self.ensure_one()
        own = self.member_ids.filtered(lambda one: one.user_id == self.env.user)
        if not own:
            raise UserError(self.env._("You are not invited to %s.", self.name))
        return own

    def _find_over(self):
        """Challenges that are over, days enough ago for values to be there."""
        found = self.search([("is_ended", "=", False), ("last_date", "<", "today")])
        today = fields.Date.today()
        return found.filtered(
            lambda one: (today - one.last_date).days > one.company_id.gamification_days
        )

    def _end(self):
        """Store who reached their goals; once."""
        self.env["kpi.claim"]._claim(f"end of challenge {self.id}")
        if not self.is_ended:
            self._find_members()._store_outcomes()
            if self.challenge_type == "goal":
                self._reward_all()
            self.is_ended = True

    def _reward_all(self):
        """Note whether the common goal was reached, and give its points to all."""
        is_reached = self._get_progress(is_final=True)["is_reached"]
        accepted = self._find_members().filtered(lambda one: one.answer == "accepted")
        accepted.outcome = "reached" if is_reached else "missed"
        # The starter set its worth.
        paid = accepted.filtered(lambda one: one.user_id != self.owner_id)
        if not (is_reached and self.reward_points and paid):
            return
        self.env.flush_all()
        rows = SQL(
            "SELECT user_id, company_id, %s, id, %s FROM kpi_challenge_member"
            " WHERE id = ANY(%s)",
            self.reward_points,
            self.name,
            paid.ids,
        )
        self.env["kpi.points.entry"]._book(rows, "challenge")


class KpiChallengeMember(models.Model):
    """Somebody who is asked to take part, for themselves or a group they lead."""

    _name = "kpi.challenge.member"
    _description = "Challenge Member"
    _inherit = [
        "kpi.gamification.person.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
    ]
    _rec_name = "user_id"
    _order = "id"
    _check_company_auto = True
    _log_access = False  # as above

    challenge_id = fields.Many2one(
        "kpi.challenge", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="challenge_id.company_id", store=True, precompute=True
    )
    challenge_type = fields.Selection(related="challenge_id.challenge_type")
    last_date = fields.Date(related="challenge_id.last_date")
    user_id = fields.Many2one(
        readonly=False,
        compute="_compute_user_id",
        store=True,
        precompute=True,
        index=True,
        help="Responds for the team or department: its leader or manager.",
    )
    team_id = fields.Many2one("kpi.team", check_company=True, ondelete="restrict")
    department_id = fields.Many2one(
        "hr.department", check_company=True, ondelete="restrict"
    )
    answer = fields.Selection(
        [
            ("waiting", "Asked"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
            ("left", "Left"),
        ],
        string="Response",
        required=True,
        readonly=True,
        default="waiting",
        copy=False,
    )
    goal = OptionalFloat(
        aggregator=None,
        copy=False,
        help="With several KPIs: average achievement of their targets, in percent.",
    )
    goal_share = fields.Float(
        "Past Hit Rate",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Share of the last 12 periods that reached the suggested goal.",
    )
    outcome = fields.Selection(
        [("reached", "Reached"), ("missed", "Missed")], readonly=True, copy=False
    )

    _invited_uniq = models.UniqueIndex(
        "(challenge_id, user_id, coalesce(team_id, 0), coalesce(department_id, 0))",
        "Already invited.",
    )

    def _get_shown_domain(self):
        """Groups are shown to all; people as they choose."""
        return FOR_GROUPS | super()._get_shown_domain()

    @api.depends("team_id", "department_id")
    def _compute_user_id(self):
        for member in self:
            if member.team_id or member.department_id:
                member.user_id = member._get_leader()

    def _get_leader(self):
        # Who leads what is no secret.
        own = self.sudo()
        return own.team_id.leader_id or own.department_id.manager_id.user_id

    @api.constrains("challenge_id", "user_id", "team_id", "department_id")
    def _check_who(self):
        for member in self:
            member.challenge_id._check_duel()
            groups = {"team": member.team_id, "department": member.department_id}
            given = [name for name, group in groups.items() if group] or ["user"]
            if given != [member.challenge_id._get_subject()]:
                raise ValidationError(
                    self.env._(
                        "Invite only people, teams or departments, depending on "
                        "the challenge type."
                    )
                )
            check_works_here(member, "user_id", member.company_id)
            if given == ["user"]:
                self.env["kpi.gamification.choice"]._check_taking_part(member)
            elif member.user_id != member._get_leader():
                raise ValidationError(
                    self.env._("Only the leader or manager can respond for a group.")
                )

    def write(self, vals):
        # All of them, whoever of them may be seen.
        answers = {*self.sudo().mapped("answer")}
        if not self.env.su and answers - {"waiting"}:
            raise UserError(self.env._("Answered invitations cannot be changed."))
        return super().write(vals)

    def _leave_all(self):
        """Leave for good, for the user, who takes no part in this company any more."""
        mine = self._get_my_domain() & RUNS & ~FOR_GROUPS
        mine &= Domain("answer", "!=", "declined")
        # Only methods write the answer; for groups they answer as before.
        self.sudo().search(mine).answer = "left"

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_accepted(self):
        """Whoever accepted stays, and whoever left is not asked again."""
        # Whoever deletes them is told whose they are, as they invited them.
        for member in self.sudo():
            if member.answer in ACCEPTED:
                raise UserError(
                    self.env._(
                        "%s accepted the challenge: it cannot be deleted, nor can "
                        "its members be removed.",
                        member._get_asked_name(),
                    )
                )

    def _get_asked_name(self):
        """Who is asked: a group, or a person."""
        return (self.team_id or self.department_id or self.user_id).display_name

    def _get_asked_domain(self):
        """Those of the user who has not answered."""
        return self._get_my_domain() & Domain("answer", "=", "waiting") & RUNS

    def action_accept(self):
        """Take part; in a duel each sees the other's place."""
        for member in self:
            wanted = NEEDED.get(member.challenge_type)
            if wanted and member.challenge_id._get_choice() not in wanted:
                raise UserError(
                    self.env._(
                        "Choose to participate first. Duels require visible "
                        "achievements."
                    )
                )
        for member in self:
            if member.answer not in ("waiting", "accepted"):
                raise UserError(self.env._("You cannot return to the challenge."))
            if member.challenge_id._get_today() > member.last_date:
                raise UserError(self.env._("The challenge is over."))
        accepted = self._answer("accepted")
        accepted.challenge_id._fix_kpis()
        accepted._suggest_goals()

    def action_decline(self):
        """Do not take part; who has accepted leaves, before the first day only."""
        for member in self.filtered(lambda one: one.answer in ACCEPTED):
            challenge = member.challenge_id
            is_started = challenge._get_today() >= challenge.date_from
            if member.answer == "left" or is_started:
                raise UserError(
                    self.env._("You can only leave before the challenge starts.")
                )
        self._answer("declined")

    def _answer(self, answer):
        self.check_access("read")
        for member in self:
            if member.user_id != self.env.user:
                raise AccessError(
                    self.env._("%s must respond personally.", member.user_id.name)
                )
            if member.challenge_id.is_ended:
                raise UserError(self.env._("The challenge has ended."))
        # Only this method writes the answer.
        own = self.sudo()
        own.answer = answer
        return own

    def _suggest_goals(self):
        """Set goals that are within reach, where nobody has typed one."""
        for member in self:
            challenge = member.challenge_id
            if challenge.challenge_type != "individual" or member.goal is not False:
                continue
            definition = challenge.definition_ids[:1]
            is_percent = challenge._is_in_percent()
            goal = suggest_goal(
                member._find_values(Domain("period_start", "<", challenge.date_from)),
                is_higher_better=is_percent or definition.direction == "higher",
                decimals=0 if is_percent else definition.decimals,
            )
            if goal:
                member.write({"goal": goal.value, "goal_share": goal.share})

    def _find_values(self, days):
        """Values of the KPI in periods that begin in ``days``, oldest first; where
        goals are in percent, mean achievement of the KPIs, by weight.
        """
        if self.challenge_id._is_in_percent():
            return self._find_achievements(days)
        definition = self.challenge_id.definition_ids
        domain = Domain("report_id.definition_id", "=", definition.id) & days
        domain &= Domain("report_id.scope_type", "=", "user")
        domain &= Domain("report_id.user_id", "=", self.user_id.id)
        domain &= Domain("report_id.company_id", "=", self.company_id.id)
        domain &= Domain("grain", "=", definition.frequency)
        facts = self.env["kpi.measurement"].search(domain, order="period_start")
        return facts.mapped("value")

    def _find_achievements(self, days):
        """As ``_find_values``, of several KPIs: in percent."""
        reports = self.challenge_id._find_reports(self.user_id)
        grain = self.challenge_id.definition_ids[0].frequency
        domain = Domain("report_id", "in", reports.ids) & Domain("grain", "=", grain)
        domain &= Domain("status", "!=", False) & days
        judged = reports.env["kpi.target.value"].search(domain, order="period_start")
        means = [
            _get_mean([(one.report_id, one.achievement) for one in same])
            for same in judged.grouped("period_start").values()
        ]
        return [mean for mean in means if mean is not None]

    def _store_outcomes(self):
        """Note who reached the goal: by the last period that ended in the challenge."""
        for member in self.filtered(lambda one: one.goal is not False):
            if member.challenge_type != "individual":
                continue
            challenge = member.challenge_id
            days = challenge._get_ended_domain(challenge.definition_ids[0])
            values = member._find_values(days)[-1:]
            if member.answer == "accepted" and values:
                margin = values[0] - member.goal
                is_higher = challenge._is_in_percent()
                is_higher |= challenge.definition_ids[0].direction == "higher"
                is_reached = margin >= 0 if is_higher else margin <= 0
                member.outcome = "reached" if is_reached else "missed"


def _get_ratio(part, whole):
    """How much of ``whole`` is reached, from 0 to 1; of what is not positive: all."""
    return max(0, min(part / whole, 1)) if whole > 0 else float(part >= whole)


def _get_mean(achievements):
    """Mean of achievements by the weights of their KPIs, as boards have it; None where
    none of them is known and has a weight.

    :param achievements: pairs of a KPI of a person and its achievement, in percent, or
        None or False where it has none
    """
    known = [
        (report.definition_id.weight, max(0, min(share, MOST_ACHIEVEMENT)))
        for report, share in achievements
        if share is not None and share is not False
    ]
    total = sum(weight for weight, _share in known)
    return sum(weight * share for weight, share in known) / total if total else None
