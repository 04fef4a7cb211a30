import base64

from psycopg2.extras import Json

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_list
from odoo.tools.image import ImageProcess

from odoo.addons.kpi_base.actions import RELOAD, show_notification
from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.picture_size import check_picture_size
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS

from .kpi_achievement_kind import PREFIX

MOST_ICON = 256 * 1024  # bytes
ICON_SIZE = 256  # pixels
RARITIES = [
    ("common", "Common"),
    ("rare", "Rare"),
    ("epic", "Epic"),
    ("legendary", "Legendary"),
]
# Percent of those who could earn it who did, at most; what more did is common.
MOST_PERCENT = {"legendary": 5, "epic": 15, "rare": 40}
LEAST_PEOPLE = 20  # of fewer one more would be another rarity
STREAK_TYPES = [
    ("target_met", "On Target"),
    ("improvement", "Improving"),
    ("consistency", "Steady"),
    ("excellence", "Stretch Reached"),
]
BASES = [("judged", "At the Time"), ("now", "Current")]
CONDITION = ("kind", "streak_type", "compared_with", "within", "least")
FROZEN = ("points_value", "rarity", "grain", "basis")
# Fields by which somebody earns more: who changes them does not decide on their own.
PAYING = {"points_value", "grain", "basis", "date_from", "active", "condition_ids"}
PREVIEWED, MOST_NAMED = 12, 10  # periods, and people of each
READY = "kpi_gamification/data/packs/achievements.json"
# Ready KPIs: what achievements are to move first, and how many people have any.
MEASURED = ("entries_on_time", "people_with_award")


class KpiAchievement(models.Model):
    """What people can earn: conditions that are decided once each period."""

    _name = "kpi.achievement"
    _description = "KPI Achievement"
    _inherit = ["kpi.gamification.company.mixin", "kpi.readonly.mixin"]
    _order = "points_value, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    active = fields.Boolean(default=True)
    badge_icon = fields.Binary(help="PNG, JPEG, GIF or WebP, up to 256 kB.")
    badge_color = fields.Char("Color", default="#0072b2", required=True)
    badge_glyph = fields.Char(compute="_compute_badge_glyph", exportable=False)
    points_value = fields.Integer("Points", default=10)
    rarity = fields.Selection(
        RARITIES,
        required=True,
        default="common",
        help="Updated monthly from the share of people who earned it in the last year.",
    )
    rarity_date = fields.Date("Rarity As Of", readonly=True, copy=False)
    grain = fields.Selection(
        GRAINS,
        "Evaluation Period",
        required=True,
        default="month",
        help="Only KPIs with this period length are evaluated.",
    )
    basis = fields.Selection(
        BASES,
        "Values",
        required=True,
        default="judged",
        help="“At the Time” ignores later corrections. “Current” applies them, so "
        "achievements can change.",
    )
    date_from = fields.Date(
        "Counted From",
        required=True,
        default=lambda self: fields.Date.today().replace(day=1),
        help="Earlier periods do not count.",
    )
    condition_ids = fields.One2many(
        "kpi.achievement.condition", "achievement_id", "Conditions", copy=True
    )
    criteria = fields.Text(compute="_compute_criteria")
    version_ids = fields.One2many(
        "kpi.achievement.version", "achievement_id", "Versions"
    )
    # Those who set it up, until another officer agreed: what they earn by it is held.
    author_ids = fields.Many2many(
        "res.users",
        relation="kpi_achievement_author_rel",
        column1="achievement_id",
        column2="user_id",
        copy=False,
        groups=fields.NO_ACCESS,
    )
    # Of few people both would tell what one of them reached.
    award_count = fields.Integer(
        "Earned", compute="_compute_award_count", groups=OFFICER
    )
    preview = fields.Text(
        compute="_compute_preview",
        exportable=False,
        groups=OFFICER,
    )

    _rarity_choices = Choices("rarity")
    _badge_color_hex = models.Constraint(
        "CHECK (badge_color ~ '^#[0-9a-fA-F]{6}$')",
        "“Color” must be a color code such as #0072b2.",
    )
    _points_value_positive = models.Constraint(
        "CHECK (points_value >= 0)", "“Points” must be 0 or more."
    )

    @api.depends("condition_ids", "condition_ids.sentence", "grain")
    @api.depends_context("lang")
    def _compute_criteria(self):
        for achievement in self:
            achievement.criteria = self._say(
                achievement._get_conditions(), achievement.grain
            )

    @api.depends("condition_ids", "condition_ids.kind", "condition_ids.least")
    def _compute_badge_glyph(self):
        for achievement in self:
            condition = achievement.condition_ids[:1]
            kind = condition and self.env.get(f"{PREFIX}{condition.kind}")
            is_known = condition and kind is not None
            achievement.badge_glyph = (
                kind._get_glyph(condition._as_dict()) if is_known else "star"
            )

    def _say(self, conditions, grain):
        """The sentence that conditions make, in the reader's language."""
        said = [
            self.env[PREFIX + each["kind"]]._say({**each, "grain": grain})
            for each in conditions
        ]
        text = format_list(self.env, said)
        return f"{text[:1].upper()}{text[1:]}." if text else ""

    def _compute_award_count(self):
        # Officers are told of all, of people whom they may not see, too.
        awards = self.env["kpi.user.achievement"].sudo()
        earned = [("achievement_id", "in", self.ids), ("state", "=", "earned")]
        counts = dict(awards._read_group(earned, ["achievement_id"], ["__count"]))
        for achievement in self:
            achievement.award_count = counts.get(achievement, 0)

    @api.depends("condition_ids", *FROZEN)
    def _compute_preview(self):
        for achievement in self:
            # As above; of others than they are shown how many, not who.
            achievement.preview = achievement._origin.sudo()._say_preview()

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create([self._with_icon(vals) for vals in vals_list])
        created._note_author()
        return created

    def write(self, vals):
        if PAYING & vals.keys():
            self._note_author()
        return super().write(self._with_icon(vals))

    def _note_author(self):
        """Note that the user set these up; programs earn nothing."""
        if self and self.env.uid != SUPERUSER_ID:
            # Nobody writes it by hand.
            self.sudo().author_ids |= self.env.user

    @api.constrains("points_value", "company_id")
    def _check_points_limit(self):
        for achievement in self:
            # what holds for all is open
            most = achievement.company_id.sudo().gamification_most_points
            if achievement.points_value > most:
                raise ValidationError(
                    self.env._(
                        "%(achievement)s: “Points” cannot exceed %(most)s, the limit "
                        "in the settings.",
                        achievement=achievement.name,
                        most=most,
                    )
                )

    def _with_icon(self, vals):
        """Values with the icon drawn anew: nothing but pixels of it is stored."""
        given = vals.get("badge_icon")
        if not given:
            return vals
        try:
            source = base64.b64decode(given, validate=True)
        except (TypeError, ValueError) as error:
            raise UserError(self.env._("Choose an image file.")) from error
        if len(source) > MOST_ICON:
            raise UserError(self.env._("Choose an icon of up to 256 kB."))
        check_picture_size(self.env, source)
        image = ImageProcess(source).resize(ICON_SIZE, ICON_SIZE)
        if not image.image:  # SVG, which can hold scripts: Odoo stores it as it is
            raise UserError(self.env._("Choose a PNG, JPEG, GIF or WebP."))
        drawn = image.image_quality(output_format="PNG")
        return {**vals, "badge_icon": base64.b64encode(drawn)}

    def _describe(self):
        """What screens draw it by."""
        has_icon = self.with_context(bin_size=True).badge_icon
        source = f"/web/image/{self._name}/{self.id}/badge_icon"
        return {
            "achievement_id": self.id,
            "name": self.name,
            "color": self.badge_color,
            "glyph": self.badge_glyph,
            "rarity": self.rarity,
            "source": bool(has_icon) and source,
        }

    def _is_at_once(self):
        """Whether it is given when something happens, not when a period is decided."""
        kinds = [self.env[PREFIX + each.kind] for each in self.condition_ids]
        return bool(kinds) and all(kind._is_event for kind in kinds)

    def _get_conditions(self):
        """What all has to hold, as dicts that versions store."""
        return [condition._as_dict() for condition in self.condition_ids]

    def _refresh_rarity(self):
        """Find how rare these are, once a month: of who could earn it in the last year
        how many did. Of few people the share of what was decided says it.

        Versions that were given keep theirs.
        """
        if not self:
            return
        today = self.company_id[:1]._get_gamification_today()
        self.env.flush_all()
        query = SQL(
            """
            WITH decided AS (
                SELECT closing.achievement_id, max(able_count) AS people,
                       sum(able_count) AS able
                  FROM kpi_achievement_closing AS closing
                 WHERE closing.achievement_id = ANY(%(ids)s)
                   AND closing.period_stop > %(since)s
                   AND closing.able_count IS NOT NULL
              GROUP BY closing.achievement_id
            ),
            won AS (
                SELECT award.achievement_id, count(*) AS able,
                       count(DISTINCT award.user_id) AS people
                  FROM kpi_user_achievement AS award
                  JOIN kpi_achievement_closing AS closing
                 USING (achievement_id, grain, period_start)
                 WHERE award.achievement_id = ANY(%(ids)s)
                   AND award.period_stop > %(since)s
                   AND award.state <> 'revoked'
                   AND closing.able_count IS NOT NULL
              GROUP BY award.achievement_id
            ),
            found AS (
                SELECT achievement_id,
                       CASE WHEN decided.people >= %(many)s
                            THEN 100.0 * coalesce(won.people, 0) / decided.people
                            ELSE 100.0 * coalesce(won.able, 0) / decided.able END
                       AS percent
                  FROM decided
             LEFT JOIN won USING (achievement_id)
                 WHERE decided.able > 0
            )
            UPDATE kpi_achievement AS achievement
               SET rarity_date = %(today)s,
                   rarity = CASE WHEN percent <= %(legendary)s THEN 'legendary'
                                 WHEN percent <= %(epic)s THEN 'epic'
                                 WHEN percent <= %(rare)s THEN 'rare'
                                 ELSE 'common' END
              FROM found
             WHERE found.achievement_id = achievement.id
               AND (rarity_date IS NULL
                    OR rarity_date < date_trunc('month', %(today)s::date))
            """,
            ids=self.ids,
            many=LEAST_PEOPLE,
            since=fields.Date.subtract(today, years=1),
            today=today,
            **MOST_PERCENT,
        )
        self.env.cr.execute(query)
        self.invalidate_recordset(["rarity", "rarity_date"])

    def _freeze(self):
        """The version that says what this achievement is now; a new one if it differs.

        Awards name it: what is changed later never touches them.
        """
        self.ensure_one()
        latest, now = self.version_ids[:1], self._get_frozen()
        if latest and all(latest[name] == value for name, value in now.items()):
            return latest
        row = {**now, "achievement_id": self.id, "number": latest.number + 1}
        row |= {"conditions": Json(now["conditions"])}
        self.version_ids._insert([{**row, "frozen_at": fields.Datetime.now()}])
        self.invalidate_recordset(["version_ids"])
        return self.version_ids[:1]

    def _get_frozen(self):
        """What a version holds of it: never more points than the company allows."""
        most = self.company_id.gamification_most_points
        return {
            **{name: self[name] for name in FROZEN},
            "points_value": min(self.points_value, most),
            "conditions": self._get_conditions(),
        }

    def _say_preview(self):
        """Who would have earned it lately, and how many cannot, for officers: by name
        those whom they are shown.
        """
        if not self or not self.condition_ids:
            return ""
        company, conditions = self.company_id, self._get_conditions()
        calendar = self.env["kpi.calendar"]._find_company_default(company)
        running = calendar._period(self.grain, calendar._today())
        closings, won, able = self.env["kpi.achievement.closing"], {}, set()
        outcomes = self.env["kpi.gamification.outcome"]
        periods = [
            calendar._period_before(running, back) for back in range(PREVIEWED, 0, -1)
        ]
        # What the periods have in common is read once.
        asked = outcomes._ask(company, periods[0], self.basis, (), calendar)
        first = self.env["kpi.performance.streak"]._find_first(asked)
        outcomes._fetch_excuses(asked, (self.grain,), first, periods[-1].start)
        for period in periods:
            alike = outcomes._ask_alike(asked, period, self.basis)
            done = closings._find_able(alike, conditions)
            able |= done.keys()
            won[calendar._period_label(period)] = {one for one in done if done[one]}
        shown = self.env["kpi.gamification.choice"]._find_shown(able, company)
        names, lines = {one.id: one.name for one in shown}, []
        for label, ids in won.items():
            named = [names[one] for one in sorted(ids & names.keys())][:MOST_NAMED]
            said = f" ({format_list(self.env, named)})" if named else ""
            lines.append(f"{label}: {len(ids)}{said}")
        staff = self.env["res.users"].search_count(company._get_staff_domain())
        unable = self.env._("People without a matching KPI: %s", staff - len(able))
        return "\n".join([*lines, unable])

    def action_add_ready(self):
        """Add the shipped achievements and leaderboards to the current company.

        A button of a list: it comes with the records that are ticked, if any.
        """
        self.check_access("create")
        added = self.env["kpi.pack"]._import_ready(READY, self.env.company)
        # Nobody set up what is shipped, so nothing of it is held for an author.
        added["achievements"].sudo().author_ids = False
        self._measure_help()
        return show_notification(
            self.env._(
                "Added %(achievements)s and %(boards)s.",
                achievements=say_count(
                    len(added["achievements"]),
                    self.env._("1 achievement"),
                    self.env._("%s achievements"),
                ),
                boards=say_count(
                    len(added["leaderboards"]),
                    self.env._("1 leaderboard"),
                    self.env._("%s leaderboards"),
                ),
            ),
            next=RELOAD,
        )

    def _measure_help(self):
        """Turn on the KPIs that say whether achievements help, and date an action.

        Its form says what has changed since, or that it is too early to tell.
        """
        kpis = self.env["kpi.gallery.kpi"].search([("code", "in", MEASURED)])
        kpis._turn_on()
        company, actions = self.env.company, self.env["kpi.action.item"]
        moved = kpis.definition_id.filtered(lambda kpi: kpi.code == MEASURED[0])
        report = moved._track_for("company", company, company.id)
        if not actions.search([("report_id", "=", report.id)], limit=1):
            begun = {"description": self.env._("Achievements introduced")}
            actions.create([{**begun, "report_id": report.id, "status": "completed"}])


class KpiAchievementCondition(models.Model):
    """One of the things that all have to hold in a period."""

    _name = "kpi.achievement.condition"
    _description = "Achievement Condition"
    _inherit = ["kpi.input.mixin"]
    _order = "id"
    _rec_name = "sentence"
    _check_company_auto = True

    achievement_id = fields.Many2one(
        "kpi.achievement", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="achievement_id.company_id", store=True)
    kind = fields.Selection(
        selection=lambda self: self._list_kinds(), required=True, default="streak"
    )
    least = fields.Float("Minimum", default=1.0, required=True)
    definition_id = fields.Many2one(
        "kpi.definition",
        "KPI",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    streak_type = fields.Selection(STREAK_TYPES, default="target_met")
    compared_with = fields.Selection(
        [("before", "Previous Period"), ("year", "Same Period Last Year")],
        default="before",
    )
    within = fields.Selection(
        [("department", "Department"), ("team", "Team")], default="department"
    )
    uses = fields.Char(compute="_compute_sentence", exportable=False)
    sentence = fields.Char("Condition", compute="_compute_sentence")

    _least_positive = models.Constraint(
        "CHECK (least > 0)", "“Minimum” must be above 0."
    )
    _definition_required = models.Constraint(
        "CHECK (definition_id IS NOT NULL OR kind NOT IN ('better', 'first'))",
        "“KPI” is required for this condition.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        conditions = super().create(vals_list)
        conditions.achievement_id._note_author()
        return conditions

    def write(self, vals):
        self.achievement_id._note_author()
        done = super().write(vals)
        self.achievement_id._note_author()
        return done

    def unlink(self):
        self.achievement_id._note_author()
        return super().unlink()

    def _list_kinds(self):
        return [
            (name.removeprefix(PREFIX), self.env[name]._description)
            for name in sorted(self.env.registry)
            if name.startswith(PREFIX)
        ]

    @api.depends("definition_id", "achievement_id.grain", *CONDITION)
    @api.depends_context("lang")
    def _compute_sentence(self):
        for condition in self:
            kind = self.env.get(f"{PREFIX}{condition.kind}")
            grain = condition.achievement_id.grain or "month"  # of a new one
            condition.uses = kind is not None and " ".join(kind._uses)
            condition.sentence = kind is not None and kind._say(
                {**condition._as_dict(), "grain": grain}
            )

    def _can_be_met(self, definitions):
        """Whether somebody can meet it who is measured by these KPIs alone."""
        if not self.env[PREFIX + self.kind]._needs_kpi:
            return True
        # What a condition is about is said to all who can earn it.
        named = self.sudo().definition_id
        return named in definitions if named else bool(definitions)

    def _as_dict(self):
        """What a version holds of it."""
        given = {name: self[name] for name in CONDITION}
        return {**given, "definition_id": self.definition_id.id}


class KpiAchievementVersion(models.Model):
    """What an achievement was when somebody earned it; never changed."""

    _name = "kpi.achievement.version"
    _description = "Achievement Version"
    _inherit = ["kpi.append.only.mixin"]
    _order = "number desc"
    _rec_name = "number"
    _log_access = False

    achievement_id = fields.Many2one(
        "kpi.achievement", required=True, readonly=True, ondelete="restrict", index=True
    )
    number = fields.Integer("Version", required=True, readonly=True)
    frozen_at = fields.Datetime("Since", required=True, readonly=True)
    points_value = fields.Integer("Points", readonly=True)
    rarity = fields.Selection(RARITIES, readonly=True)
    grain = fields.Selection(GRAINS, readonly=True)
    basis = fields.Selection(BASES, readonly=True)
    conditions = fields.Json(readonly=True, exportable=False)
    criteria = fields.Text(compute="_compute_criteria")

    _achievement_number_uniq = models.UniqueIndex(
        "(achievement_id, number)", "This version already exists."
    )

    def _is_of_now(self):
        """Whether its achievement pays by the same rules now, however rare it is."""
        now = self.achievement_id._get_frozen()
        return all(self[name] == now[name] for name in now.keys() - {"rarity"})

    @api.depends("conditions", "grain")
    @api.depends_context("lang")
    def _compute_criteria(self):
        achievements = self.env["kpi.achievement"]
        for version in self:
            version.criteria = achievements._say(version.conditions, version.grain)
