import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_dialog, open_list
from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.outbox import DeliverySkipped
from odoo.addons.kpi_base.schemas.base import Text
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS

from .kpi_achievement import RARITIES

STATES = [("earned", "Earned"), ("held", "Held for Review"), ("revoked", "Revoked")]
DOUBTS = [
    ("corrected", "Underlying Value Corrected"),
    ("author", "Achievement Set Up by the Person"),
    ("entry", "Own Entry Not Approved"),
    ("anomaly", "Unusual Value Not Reviewed"),
    ("target_own", "Target Set by the Person"),
    ("target_changed", "Target Changed After the Period Began"),
]


class KpiEarnedMixin(models.AbstractModel):
    """What an award and what is shown of one have in common."""

    _name = "kpi.earned.mixin"
    _description = "Earned"
    _inherit = ["kpi.gamification.person.mixin"]
    _rec_name = "achievement_id"

    achievement_id = fields.Many2one(
        "kpi.achievement", required=True, readonly=True, ondelete="restrict"
    )
    version_id = fields.Many2one(
        "kpi.achievement.version", required=True, readonly=True, ondelete="restrict"
    )
    grain = fields.Selection(GRAINS, "Period Length", required=True, readonly=True)
    period_start = fields.Date("Period", required=True, readonly=True)
    earned_date = fields.Datetime("Earned On", required=True, readonly=True)
    rarity = fields.Selection(related="version_id.rarity")
    badge_icon = fields.Binary(related="achievement_id.badge_icon")
    badge_color = fields.Char(related="achievement_id.badge_color")
    badge_glyph = fields.Char(related="achievement_id.badge_glyph", exportable=False)

    def _describe(self):
        """What screens draw it by."""
        return {
            **self.achievement_id._describe(),
            "id": self.id,
            "rarity": self.rarity,
            "rarity_label": self._label("rarity"),
            "earned_date": self.earned_date,
        }

    def _label(self, name):
        return self._fields[name].convert_to_export(self[name], self)


class KpiUserAchievement(models.Model):
    """What somebody earned in a period, and what it stands on.

    Seen by whoever earned it, and by officers; what people show to others is the view
    ``kpi.achievement.wall``, which has neither points nor reasons.
    """

    _name = "kpi.user.achievement"
    _description = "Earned Achievement"
    _inherit = ["kpi.engine.rows.mixin", "kpi.earned.mixin"]
    _order = "period_start desc, id desc"
    _log_access = False

    user_id = fields.Many2one(index=True)
    period_stop = fields.Date(
        "Period End", required=True, readonly=True, exportable=False
    )
    period_label = fields.Char("Earned For", compute="_compute_period_label")
    points_earned = fields.Integer("Points", readonly=True)
    criteria = fields.Text(related="version_id.criteria")
    state = fields.Selection(STATES, string="Status", required=True, readonly=True)
    doubt = fields.Selection(DOUBTS, "Reason for Hold", readonly=True)
    reason = fields.Text(readonly=True)
    is_corrected = fields.Boolean("Lost by Correction", readonly=True)
    # Whether the person saw it on a first visit after it was given.
    is_celebrated = fields.Boolean(readonly=True, exportable=False)
    # What was corrected when it was held last: lists of the id of a judgement, the
    # value then and the one since. Officers who released it have seen these.
    corrected_values = fields.Json("Correction Data", readonly=True, exportable=False)
    corrections = fields.Text("Corrected Values", compute="_compute_corrections")
    judgement_ids = fields.Json(string="Ratings", readonly=True, exportable=False)

    _award_uniq = models.UniqueIndex(
        "(achievement_id, version_id, user_id, company_id, grain, period_start)",
        "Achievement already earned.",
    )
    _held_idx = models.Index("(company_id) WHERE state = 'held'")

    @api.depends("company_id", "grain", "period_start")
    @api.depends_context("lang")
    def _compute_period_label(self):
        # Calendars say what periods are called.
        calendars = self.env["kpi.calendar"].sudo()
        dated = self.filtered(lambda award: award.company_id and award.period_start)
        (self - dated).period_label = False
        for company, awards in dated.grouped("company_id").items():
            calendar = calendars._find_company_default(company)
            for award in awards:
                period = calendar._period(award.grain, award.period_start)
                award.period_label = calendar._period_label(period)

    @api.depends("corrected_values")
    @api.depends_context("lang")
    def _compute_corrections(self):
        # Whoever earned it, or reviews it, reads by what it is in doubt.
        values = self.env["kpi.target.value"].sudo()
        ids = {
            held_id for award in self for held_id, *_ in award.corrected_values or ()
        }
        known = {held.id: held for held in values.browse(ids).exists()}
        for award in self:
            award.corrections = "\n".join(
                known[held_id].report_id._say_correction(known[held_id], then, now)
                for held_id, then, now in award.corrected_values or ()
                if held_id in known
            )

    @api.depends("achievement_id", "grain", "period_start")
    def _compute_display_name(self):
        for award in self:
            name = award.achievement_id.display_name
            award.display_name = f"{name}, {award.period_label}"

    def _find_celebration(self):
        """The rarest of what the user earned since the last visit, and how many others
        there are.
        """
        mine = self._get_my_domain() & Domain("state", "=", "earned")
        new = self.search_fetch(mine & Domain("is_celebrated", "!=", True))
        order = [key for key, _label in RARITIES]
        new = new.sorted(lambda one: (order.index(one.rarity), one.id), reverse=True)
        return new[:1], len(new[1:])

    @api.model
    def mark_celebrated(self):
        """Note that the user saw what they earned in the current company."""
        self.check_access("read")
        query = SQL(
            "UPDATE kpi_user_achievement SET is_celebrated = TRUE"
            " WHERE user_id = %s AND company_id = %s AND is_celebrated IS NOT TRUE",
            self.env.uid,
            self.env.company.id,
        )
        self.env.cr.execute(query)
        self.invalidate_model(["is_celebrated"])
        return True

    def action_explain(self):
        """Open the judgements that it stands on."""
        self.ensure_one()
        self.check_access("read")
        return open_list(
            self.env,
            "kpi_tracking.kpi_target_value_action",
            [("id", "in", self.judgement_ids or [])],
            display_name=self.display_name,
            context={"kpi_is_award": True},
        )

    def action_release(self):
        """Say that nothing is wrong with what was held."""
        held = self._for_officers().filtered(lambda one: one.state == "held")
        for award in held - held._find_taking_part():
            raise UserError(
                self.env._("%s does not participate.", award.user_id.display_name)
            )
        held._set("earned")
        held.filtered(lambda one: one.doubt == "author")._agree_to_author()
        self.env["kpi.points.entry"]._book_awards(held.ids)
        held._tell()
        return True

    def action_revoke(self):
        """Ask for the reason, and revoke."""
        self.ensure_one()
        return open_dialog(
            self.env["kpi.achievement.revocation"],
            self.env._("Revoke"),
            default_award_id=self.id,
        )

    def revoke(self, reason: Text):
        """Take awards back: their points go, and who had earned them is told why."""
        if not reason.strip():
            raise UserError(self.env._("Enter a reason for revoking the achievement."))
        awards = self._for_officers().filtered(lambda one: one.state != "revoked")
        awards._revoke(reason)
        awards._tell()
        return True

    def _for_officers(self):
        """These awards for changing; officers may, of their companies.

        Not their own: nobody judges in their own matter.
        """
        self.check_access("read")
        self.env["kpi.achievement"].check_access("write")
        if self.env.user in self.user_id:
            raise UserError(self.env._("You cannot decide on your own achievements."))
        # They are the engine's to write; who may decide was asked above.
        return self.sudo()

    def _find_taking_part(self):
        """Those of people of whom something may be stored about the period."""
        found = self.browse()
        for company, awards in self.grouped("company_id").items():
            today = company._get_gamification_today()

            def to_sql(_rows, table, _query, today=today):
                return self.env["kpi.gamification.choice"]._evaluated(
                    SQL.identifier(table, "user_id"),
                    SQL.identifier(table, "company_id"),
                    SQL("%s::date", today),
                    SQL.identifier(table, "period_start"),
                )

            takes_part = Domain.custom(to_sql=to_sql)
            found |= self.search(Domain("id", "in", awards.ids) & takes_part)
        return found

    def _agree_to_author(self):
        """Another officer agreed to what those who earned these had set up."""
        for award in self:
            if award.version_id._is_of_now():
                award.achievement_id.author_ids -= award.user_id

    def _find_corrected(self):
        """Id of an award → what was corrected of it: as ``corrected_values``."""
        query = SQL(
            """
            SELECT award.id, jsonb_agg(jsonb_build_array(
                     held.id, held.rated_value, other.rated_value) ORDER BY held.id)
              FROM kpi_user_achievement AS award
        CROSS JOIN jsonb_array_elements_text(award.judgement_ids) AS one
              JOIN kpi_target_value AS held ON held.id = one::int
              JOIN kpi_achievement_correction AS other
                ON other.report_id = held.report_id
               AND other.grain = held.grain
               AND other.period_start = held.period_start
               AND other.is_known
             WHERE award.id = ANY(%s)
          GROUP BY award.id
            """,
            self.ids,
        )
        return dict(self.env.execute_query(query))

    def _hold_corrected(self, corrected):
        """Hold what a correction took; points stay booked until officers decide.

        :param corrected: as of ``_find_corrected``
        """
        self.env.cr.execute(
            """
            UPDATE kpi_user_achievement AS award
               SET state = 'held', is_corrected = TRUE, reason = NULL,
                   doubt = CASE WHEN state = 'held' THEN doubt ELSE 'corrected' END,
                   corrected_values = new.values
              FROM unnest(%s::int[], %s::jsonb[]) AS new(id, values)
             WHERE new.id = award.id
            """,
            [self.ids, [json.dumps(corrected.get(one, [])) for one in self.ids]],
        )
        self.invalidate_model()

    def _restore(self):
        """What was held by corrections alone is earned again, as they were undone."""
        self.env.cr.execute(
            """
            UPDATE kpi_user_achievement
               SET is_corrected = FALSE, corrected_values = NULL,
                   state = CASE WHEN doubt = 'corrected' THEN 'earned' ELSE state END,
                   doubt = nullif(doubt, 'corrected')
             WHERE id = ANY(%s)
            """,
            [self.ids],
        )
        self.invalidate_model()

    def _set(self, state, reason=None, *, is_corrected=False):
        """Write what the ORM refuses to write, whoever asks."""
        self.env.cr.execute(
            "UPDATE kpi_user_achievement SET (state, reason, is_corrected) = %s"
            " WHERE id = ANY(%s)",
            [(state, reason, is_corrected), self.ids],
        )
        self.invalidate_model()

    def _revoke(self, reason, *, is_corrected=False):
        """Take these back, with the points that were booked."""
        self._set("revoked", reason, is_corrected=is_corrected)
        self.env["kpi.points.entry"]._reverse("award", self.ids, reason)

    def _settle(self):
        """Hold what is in doubt of those just earned, and book the rest; returns all.

        All are of one company.
        """
        if self:
            held = self._hold_doubtful()
            self.invalidate_model()
            self.env["kpi.points.entry"]._book_awards((self - held).ids)
        return self

    def _hold_doubtful(self):
        """Hold those of which something is in doubt, in one statement; returns them.

        Parts of a formula are looked at, too, and the KPI that sets a target by rule.
        """
        self.env.flush_all()
        company = self[:1].with_prefetch().company_id  # reads not thousands
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE fact AS (
                    SELECT award.id AS award_id, award.user_id, held.report_id,
                           held.period_start, held.period_stop, closing.decided_at
                      FROM kpi_user_achievement AS award
                      JOIN kpi_achievement_closing AS closing
                     USING (achievement_id, grain, period_start)
                CROSS JOIN jsonb_array_elements_text(award.judgement_ids) AS one
                      JOIN kpi_target_value AS held ON held.id = one::int
                     WHERE award.id = ANY(%(ids)s)
                     UNION
                    SELECT fact.award_id, fact.user_id, part.id, fact.period_start,
                           fact.period_stop, fact.decided_at
                      FROM fact
                      JOIN kpi_report AS report ON report.id = fact.report_id
                      JOIN (SELECT definition_id, component_id AS part_id
                              FROM kpi_definition_component_rel
                             UNION ALL
                            SELECT definition_id, source_definition_id
                              FROM kpi_target
                             WHERE source_definition_id IS NOT NULL) AS link
                     USING (definition_id)
                      JOIN kpi_report AS part
                        ON part.definition_id = link.part_id
                       AND part.scope_type = 'user'
                       AND part.scope_id = report.scope_id
                       AND part.company_id = report.company_id
                ),
                doubtful AS (
                    SELECT award.id AS award_id, 'author' AS doubt
                      FROM kpi_user_achievement AS award
                      JOIN kpi_achievement_author_rel AS author
                     USING (achievement_id, user_id)
                     WHERE award.id = ANY(%(ids)s)
                     UNION ALL
                    SELECT fact.award_id, 'entry'
                      FROM fact
                      JOIN kpi_report AS report ON report.id = fact.report_id
                      JOIN kpi_measurement AS given USING (report_id)
                 LEFT JOIN kpi_submission AS entry
                        ON entry.report_id = given.report_id
                       AND entry.grain = given.grain
                       AND entry.period_start = given.period_start
                       AND entry.is_current
                     WHERE report.computation = 'manual'
                       AND given.period_start >= fact.period_start
                       AND given.period_start < fact.period_stop
                       AND COALESCE(entry.entered_by_id, given.recorded_by_id)
                           = fact.user_id
                       AND COALESCE(entry.decided_by_id, fact.user_id) = fact.user_id
                     UNION ALL
                    SELECT fact.award_id, 'anomaly'
                      FROM fact
                      JOIN kpi_anomaly AS odd USING (report_id)
                     WHERE odd.period_start < fact.period_stop
                       AND odd.period_last >= fact.period_start
                       AND odd.state <> 'dismissed'
                     UNION ALL
                    SELECT fact.award_id,
                           CASE WHEN target.write_uid = fact.user_id
                                THEN 'target_own' ELSE 'target_changed' END
                      FROM fact
                      JOIN kpi_target AS target USING (report_id)
                CROSS JOIN LATERAL (SELECT (target.write_date AT TIME ZONE 'UTC'
                                            AT TIME ZONE %(tz)s)::date AS day) AS local
                     WHERE target.date_from < fact.period_stop
                       AND NOT EXISTS (
                             SELECT FROM kpi_target AS later
                              WHERE later.report_id = fact.report_id
                                AND later.date_from > target.date_from
                                AND later.date_from < fact.period_stop)
                       AND (target.write_uid = fact.user_id
                            OR (local.day >= LEAST(fact.period_start + 1,
                                                   fact.period_stop - 1)
                                AND local.day < fact.period_stop + %(days)s
                                -- decisions are stored in whole seconds
                                OR target.write_date >= fact.decided_at + '1 s')
                               AND NOT EXISTS (
                                     SELECT FROM kpi_approval_change AS change
                                      WHERE change.res_model = 'kpi.target'
                                        AND change.res_id = target.id
                                        AND change.approval_state = 'approved'
                                        AND change.write_date >= target.write_date))
                )
                UPDATE kpi_user_achievement AS award
                   SET state = 'held', doubt = first.doubt
                  FROM (SELECT DISTINCT ON (award_id) award_id, doubt
                          FROM doubtful
                      ORDER BY award_id, array_position(%(doubts)s, doubt)) AS first
                 WHERE first.award_id = award.id
             RETURNING award.id
                """,
                ids=self.ids,
                days=company.gamification_days,  # longest that periods wait
                doubts=[doubt for doubt, _label in DOUBTS],
                tz=self.env["kpi.calendar"]._find_company_default(company).tz,
            )
        )
        return self.browse(one for (one,) in rows)

    def _tell(self):
        """Tell people what became of what they earned: one message each."""
        now = fields.Datetime.now()
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"{self._name}/{awards.ids}/{awards.mapped('state')}/{now}",
                    "user_id": person.id,
                    "company_id": awards.company_id[:1].id,
                    "subject": self.env._("KPI achievements"),
                    "lane": "bulk",
                    "renderer": self._name,
                    "lines": [
                        {"res_model": self._name, "res_id": award.id}
                        for award in awards
                    ],
                }
                for person, awards in self.grouped("user_id").items()
            ]
        )

    def _render_delivery(self, delivery, lines):
        """As ``kpi.delivery`` asks for it.

        :raises DeliverySkipped: there is nothing to say any more
        """
        awards = self.browse(lines.mapped("res_id")).filtered(
            lambda award: award.user_id == self.env.user
        )
        if not awards:
            raise DeliverySkipped(self.env._("No longer relevant."))
        earned = awards.filtered(lambda award: award.state == "earned")
        title = self.env._("You earned: %s", len(earned))
        if earned != awards:
            title = self.env._("Your achievements have changed")
        url = f"{self.get_base_url()}/odoo/my-achievements"
        return Message(
            title,
            text=self.env._("You choose who sees it."),
            lines=tuple(
                Line(
                    award.display_name,
                    award.criteria or "",
                    facts=award._list_facts(),
                    url=f"{url}/{award.id}",
                )
                for award in awards
            ),
            actions=(Action(self.env._("My Achievements"), url),),
            url=url,
        )

    def _get_reason(self):
        """Why it is held or revoked."""
        if self.reason or not self.is_corrected:
            return self.reason or self._label("doubt")
        return f"{self._label('doubt')}\n{self.corrections or ''}".rstrip()

    def _list_facts(self):
        facts = [(self.env._("Points"), str(self.points_earned))]
        if self.state != "earned":
            facts.append((self._label("state"), self._get_reason()))
        return tuple(facts)


class KpiAchievementWall(models.Model):
    """What colleagues show of what they earned: that, and when; no points, no reasons.

    The ids are those of the awards.
    """

    _name = "kpi.achievement.wall"
    _description = "Shared Achievement"
    _inherit = ["kpi.earned.mixin"]
    _auto = False
    _order = "earned_date desc, id desc"
    _depends = {
        "kpi.user.achievement": (
            "user_id company_id achievement_id version_id grain period_start"
            " earned_date state"
        ).split(),
        "res.users": ["active"],
    }

    @property
    def _table_query(self):
        return SQL("""
            SELECT award.id, award.user_id, award.company_id, award.achievement_id,
                   award.version_id, award.grain, award.period_start, award.earned_date
              FROM kpi_user_achievement AS award
              JOIN res_users AS person ON person.id = award.user_id
             WHERE award.state = 'earned'
               AND person.active
        """)
