from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS

from .kpi_achievement_kind import PREFIX


class KpiAchievementClosing(models.Model):
    """A period in which an achievement was decided, once for everybody."""

    _name = "kpi.achievement.closing"
    _description = "Achievement Period"
    _inherit = ["kpi.engine.rows.mixin"]
    _order = "period_start desc, id desc"
    _rec_name = "period_start"
    _log_access = False

    achievement_id = fields.Many2one(
        "kpi.achievement", required=True, readonly=True, ondelete="cascade"
    )
    version_id = fields.Many2one(
        "kpi.achievement.version", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    grain = fields.Selection(GRAINS, "Period Length", required=True, readonly=True)
    period_start = fields.Date("Period", required=True, readonly=True)
    period_stop = fields.Date("Period End", required=True, readonly=True)
    decided_at = fields.Datetime(readonly=True)
    able_count = fields.Integer(
        "People Who Could Earn It", readonly=True, aggregator=None
    )

    _achievement_period_uniq = models.UniqueIndex(
        "(achievement_id, grain, period_start)",
        "This period has already been evaluated.",
    )
    _period_idx = models.Index("(company_id, grain, period_start)")

    def _find_due(self):
        """What is to be decided: pairs of a company and a ``Period``, oldest first."""
        achievements = self.env["kpi.achievement"]
        achievements = achievements.search([("condition_ids", "!=", False)])
        of_these = [("achievement_id", "in", achievements.ids)]
        at_once = achievements.filtered(lambda each: each._is_at_once())
        # What is given at once has a row from the first day on.
        over = Domain(of_these) & Domain("decided_at", "!=", False)
        over |= Domain("achievement_id", "in", (achievements - at_once).ids)
        by = ["achievement_id", "grain"]
        rows = self._read_group(over, by, ["period_start:array_agg"])
        decided = {(one, grain): starts for one, grain, starts in rows}
        found = {
            (each.company_id, period)
            for each in achievements
            for period in each.company_id._list_over(each.grain, each.date_from)
            if period.start >= each.date_from
            and period.start not in decided.get((each, each.grain), ())
        }
        return sorted(found, key=lambda each: (each[1].stop, each[1].start, each[0].id))

    def _close(self, company, period):
        """Decide all achievements of one company that are due in a period.

        A constant number of statements for each, however many people there are.
        """
        same = Domain("company_id", "=", company.id)
        same &= Domain("grain", "=", period.grain)
        if not self.search(same & Domain("period_start", ">", period.start), limit=1):
            asked = self.env["kpi.gamification.outcome"]._ask(company, period, "now")
            self.env["kpi.performance.streak"]._refresh(asked)
        achievements = self.env["kpi.achievement"].search(
            same
            & Domain("date_from", "<=", period.start)
            & Domain("condition_ids", "!=", False)
        )
        # How rare one is does not change by a second closing of the same period.
        known = self.search(same & Domain("period_start", "=", period.start))
        achievements -= known.filtered(lambda one: not one._is_open()).achievement_id
        achievements._refresh_rarity()
        self._decide(achievements, period)._tell()

    def _decide(self, achievements, period):
        """Decide achievements in a period, those that are not yet: the awards."""
        awards, asked = self.env["kpi.user.achievement"], {}
        for achievement in achievements:
            if closing := self._add(achievement, period):
                basis = closing.version_id.basis  # the same is read once for all
                asked[basis] = asked.get(basis) or closing._asked()
                awards |= closing._award(asked[basis], is_counted=True)
        return awards._settle()

    def _is_open(self):
        """Whether it is of a period in which things are still given at once."""
        return not self.decided_at and self.achievement_id._is_at_once()

    def _award_at_once(self):
        """Give what events earned in the running periods; one step of a job."""
        awards, asked = self.env["kpi.user.achievement"], {}
        found = self.env["kpi.achievement"].search([("condition_ids", "!=", False)])
        for achievement in found.filtered(lambda each: each._is_at_once()):
            company = achievement.company_id
            calendar = self.env["kpi.calendar"]._find_company_default(company)
            period = calendar._period(achievement.grain, calendar._today())
            if period.start < achievement.date_from:
                continue
            closing = self._add(achievement, period, is_open=True) or self.search(
                Domain("achievement_id", "=", achievement.id)
                & Domain("grain", "=", period.grain)
                & Domain("period_start", "=", period.start)
            )
            key = (company, period, closing.version_id.basis)
            asked[key] = asked.get(key) or closing._asked()
            awards |= closing._award(asked[key])
        for _company, given in awards.grouped("company_id").items():
            given._settle()._tell()

    def _add(self, achievement, period, *, is_open=False):
        """The closing of a period, or none if it is decided; of two at once one is run
        again (40001).

        :param is_open: the period runs, and is decided later
        """
        of_period = Domain("achievement_id", "=", achievement.id)
        of_period &= Domain("grain", "=", period.grain)
        of_period &= Domain("period_start", "=", period.start)
        known = not is_open and achievement._is_at_once() and self.search(of_period)
        if known and known._is_open():
            self.env.cr.execute(
                "UPDATE kpi_achievement_closing SET decided_at = %s WHERE id = %s",
                [fields.Datetime.now(), known.id],
            )
            known.invalidate_recordset(["decided_at"])
            return known
        ids = (achievement.id, achievement._freeze().id, achievement.company_id.id)
        decided_at = None if is_open else fields.Datetime.now()
        query = SQL(
            """
            INSERT INTO kpi_achievement_closing
                   (achievement_id, version_id, company_id, grain, period_start,
                    period_stop, decided_at)
            VALUES %s ON CONFLICT DO NOTHING RETURNING id
            """,
            (*ids, period.grain, period.start, period.stop, decided_at),
        )
        return self.browse(one for (one,) in self.env.execute_query(query))

    def _asked(self, user_ids=(), basis=None):
        self.ensure_one()
        period = Period(self.grain, self.period_start, self.period_stop)
        basis = basis or self.version_id.basis
        outcomes = self.env["kpi.gamification.outcome"]
        return outcomes._ask(self.company_id, period, basis, user_ids)

    def _award(self, asked, *, is_counted=False):
        """Give it to those of ``asked`` who meet all conditions: the awards.

        What is in doubt is not held yet, and nothing is booked: ``_settle`` does.

        :param is_counted: ``asked`` is of all: note how many could have earned it
        """
        version = self.version_id
        rows = self.env.execute_query(
            SQL(
                """
                WITH able AS MATERIALIZED (%(facts)s),
                counted AS (
                    UPDATE kpi_achievement_closing
                       SET able_count = (SELECT count(*) FROM able)
                     WHERE id = %(id)s AND %(is_counted)s
                )
                INSERT INTO kpi_user_achievement
                       (user_id, company_id, achievement_id, version_id, grain,
                        period_start, period_stop, earned_date, points_earned, state,
                        judgement_ids)
                SELECT won.user_id, %(company_id)s, %(achievement_id)s, %(version_id)s,
                       %(grain)s, %(start)s, %(stop)s, now() AT TIME ZONE 'UTC',
                       %(points)s, 'earned', to_jsonb(won.ids)
                  FROM able AS won
                 WHERE won.is_won
              ORDER BY won.user_id
                    ON CONFLICT (achievement_id, version_id, user_id, company_id,
                                 grain, period_start) DO NOTHING
             RETURNING id
                """,
                **asked.params,
                id=self.id,
                is_counted=is_counted,
                achievement_id=self.achievement_id.id,
                version_id=version.id,
                points=version.points_value,
                facts=self._facts_sql(asked, version.conditions),
            )
        )
        self.invalidate_recordset(["able_count"])
        return self.env["kpi.user.achievement"].browse(one for (one,) in rows)

    def _review(self, user_ids):
        """Decide again for some people by what is known now: what has changed.

        What no longer holds is held, with its points, until officers decide. By what it
        is now people earn it, too; as it was at the time only what was corrected counts
        against them.
        """
        asked, is_now = self._asked(user_ids, "now"), self.version_id.basis == "now"
        able = self._find_able(asked, self.version_id.conditions)
        # Of who left or takes no part any more nothing is decided, for or against.
        takes_part = Domain.custom(
            to_sql=lambda _rows, table, _: asked.evaluated_sql(table)
        )
        known = self.env["kpi.user.achievement"].search(
            Domain("version_id", "=", self.version_id.id)
            & Domain("period_start", "=", self.period_start)
            & Domain("user_id", "in", asked.user_ids)
            & Domain("user_id", "any", [("active", "=", True), ("share", "=", False)])
            & takes_part
        )
        kept = known.filtered(lambda one: able.get(one.user_id.id))
        corrected = (known - kept)._find_corrected()
        lost = (known - kept).filtered(
            lambda one: (
                one.state != "revoked"
                and (is_now or one.id in corrected)
                # of what officers have not seen
                and one.corrected_values != corrected.get(one.id, [])
            )
        )
        lost._hold_corrected(corrected)
        back = kept.filtered("is_corrected")
        # Those that corrections revoked, before they were held.
        revoked = back.filtered(lambda one: one.state == "revoked")
        revoked._set("earned")
        (back - revoked)._restore()
        made = self._award(asked) if is_now else known.browse()
        return lost | back | (revoked | made)._settle()

    def _review_marked(self):
        """Decide again what corrections and late approvals are about; one step."""
        corrections = self.env["kpi.achievement.correction"]
        for (company, grain), work in corrections._work_out().items():
            first, people, late = work
            closings = self.search(
                Domain("company_id", "=", company.id)
                & Domain("grain", "=", grain)
                & Domain("period_start", ">=", first),
                order="period_start, id",
            )
            if not closings:
                continue
            asked = closings[-1]._asked(people, "now")
            self.env["kpi.performance.streak"]._refresh(asked)
            told = self.env["kpi.user.achievement"]
            for closing in closings:
                told |= closing._review(people)
                if late and closing.version_id.basis != "now":
                    told |= closing._award(closing._asked(late))._settle()
            told._tell()

    def _facts_sql(self, asked, conditions):
        """SQL of ``user_id``, ``ids`` and ``is_won`` (whether they meet all conditions)
        of those who can, and of whom something may be stored.
        """
        parts, ids, is_won = SQL("res_users AS person"), [], []
        for number, each in enumerate(conditions):
            name, rows = f"part_{number}", self.env[PREFIX + each["kind"]]._rows_sql
            parts = SQL(
                "%s JOIN (%s) AS %s ON %s = person.id",
                parts,
                rows(asked, each),
                SQL.identifier(name),
                SQL.identifier(name, "user_id"),
            )
            ids.append(SQL.identifier(name, "ids"))
            is_won.append(SQL("%s >= %s", SQL.identifier(name, "done"), each["least"]))
        return SQL(
            "SELECT person.id AS user_id, %s AS ids, %s AS is_won FROM %s"
            " WHERE person.active AND NOT person.share AND %s",
            SQL(" || ").join(ids),
            SQL(" AND ").join(is_won),
            parts,
            asked.evaluated_sql("person", "id"),
        )

    def _find_able(self, asked, conditions):
        """Id of a person who can meet all conditions → whether they do."""
        facts = self._facts_sql(asked, conditions)
        query = "SELECT user_id, is_won IS TRUE FROM (%s) AS fact"
        return dict(self.env.execute_query(SQL(query, facts)))
