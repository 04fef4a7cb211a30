from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.formatting import format_day

ORIGINS = [
    ("award", "Achievement"),
    ("challenge", "Challenge"),
    ("kudos", "Kudos"),
    ("reward", "Reward"),
]
MOST_NAMED = 10


class KpiPointsEntry(models.Model):
    """Points that somebody got or spent: rows are added and never changed.

    What is booked here is added to ``kpi.points.balance`` by the same statement. Both
    are written by ``_add`` and ``_spend_on`` alone; of two at once for one person the
    second is run again, as both change that row.
    """

    _name = "kpi.points.entry"
    _description = "Points Entry"
    _inherit = ["kpi.append.only.mixin", "kpi.gamification.person.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "user_id"

    points = fields.Integer(required=True, readonly=True)
    full_points = fields.Integer(
        "Points Before Limits",
        required=True,
        readonly=True,
        aggregator=None,
    )
    origin = fields.Selection(ORIGINS, required=True, readonly=True)
    res_id = fields.Integer(
        "Origin ID", required=True, readonly=True, aggregator=None, exportable=False
    )
    reason = fields.Char(readonly=True)
    reversal_of_id = fields.Many2one(
        "kpi.points.entry", readonly=True, ondelete="restrict"
    )
    is_reversal = fields.Boolean("Reversal", readonly=True)
    day = fields.Date(required=True, readonly=True)
    recorded_at = fields.Datetime(required=True, readonly=True)

    _origin_uniq = models.UniqueIndex(
        "(origin, res_id) WHERE reversal_of_id IS NULL",
        "These points are already recorded.",
    )
    _reversal_of_uniq = models.UniqueIndex(
        "(reversal_of_id) WHERE reversal_of_id IS NOT NULL",
        "These points are already reversed.",
    )
    _user_day_idx = models.Index("(user_id, company_id, day)")
    _spent_by_rewards = models.Constraint(
        "CHECK (points >= 0 OR origin = 'reward' OR reversal_of_id IS NOT NULL)",
        "Points can only be spent on rewards.",
    )

    @api.depends("origin", "user_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Name whose points they are, what for and when; not the reason."""
        origins = dict(self._fields["origin"]._description_selection(self.env))
        for entry in self:
            # Whose points they are is known to who sees them.
            person = entry.sudo().user_id.name
            entry.display_name = person and self.env._(
                "%(person)s: %(origin)s, %(date)s",
                person=person,
                origin=origins.get(entry.origin),
                date=format_day(self.env, entry.day),
            )

    def _add(self, rows):
        """Add entries, by one statement with the balances that they change.

        What is there already is left out, so that it may be called again.

        :param rows: ``SQL`` of a SELECT of the columns up to ``is_reversal``
        :return: points by id of the origin
        """
        query = SQL(
            """
            WITH added AS (
                INSERT INTO kpi_points_entry
                       (user_id, company_id, points, full_points, origin, res_id,
                        reason, reversal_of_id, is_reversal, day, recorded_at)
                SELECT entry.*, today.day, now() AT TIME ZONE 'UTC'
                  FROM (%s) AS entry
                  JOIN (%s) AS today USING (company_id)
              ORDER BY entry.res_id
                    ON CONFLICT DO NOTHING
             RETURNING user_id, company_id, points, res_id
            ),
            heads AS (
                INSERT INTO kpi_points_balance AS head (user_id, company_id, balance)
                SELECT user_id, company_id, sum(points)
                  FROM added
              GROUP BY user_id, company_id
              ORDER BY user_id, company_id
                    ON CONFLICT (user_id, company_id) DO UPDATE
                   SET balance = head.balance + excluded.balance
            )
            SELECT res_id, points FROM added
            """,
            rows,
            self._today_sql(),
        )
        added = dict(self.env.execute_query(query))
        self.env.invalidate_all()
        return added

    def _book(self, rows, origin):
        """Give points, as far as limits allow: points by id of the origin.

        :param rows: ``SQL`` of a SELECT of user_id, company_id, points, res_id, reason
        """
        query = SQL(
            """
            WITH asked (user_id, company_id, points, res_id, reason)
              AS MATERIALIZED (%(rows)s),
            given AS MATERIALIZED (
                SELECT *
                  FROM asked
                 WHERE points > 0
                   -- hashed, however few rows PostgreSQL takes the table for
                   AND res_id NOT IN (
                         SELECT entry.res_id FROM kpi_points_entry AS entry
                          WHERE entry.origin = %(origin)s
                            AND entry.reversal_of_id IS NULL
                            AND entry.res_id >= (SELECT min(res_id) FROM asked))
            ),
            room AS MATERIALIZED (
                SELECT user_id, company_id,
                       min(cap.most_points - coalesce(booked.points, 0)) AS points
                  FROM (SELECT DISTINCT user_id, company_id FROM given) AS person
                  JOIN kpi_points_cap AS cap USING (company_id)
                  JOIN (%(today)s) AS today USING (company_id)
     LEFT JOIN LATERAL (SELECT sum(points) AS points
                          FROM kpi_points_entry AS entry
                         WHERE entry.user_id = person.user_id
                           AND entry.company_id = person.company_id
                           AND entry.day >= date_trunc(cap.grain, today.day)::date
                           AND entry.origin <> 'reward'
                           AND entry.origin = coalesce(cap.origin, entry.origin)
                       ) AS booked ON TRUE
                 WHERE cap.active
                   AND coalesce(cap.origin, %(origin)s) = %(origin)s
              GROUP BY user_id, company_id
            )
            SELECT user_id, company_id,
                   least(given.points, greatest(0, coalesce(
                     room.points + given.points - sum(given.points) OVER (
                       PARTITION BY user_id, company_id ORDER BY res_id),
                     given.points))),
                   given.points, %(origin)s, res_id, reason, NULL::int, FALSE
              FROM given
         LEFT JOIN room USING (user_id, company_id)
            """,
            rows=rows,
            origin=origin,
            today=self._today_sql(),
        )
        return self._add(query)

    def _book_awards(self, award_ids):
        """Give the points of those awards that are earned, by their ids; also again."""
        self._reverse("award", award_ids, self.env._("Restored"), is_back=True)
        rows = SQL(
            """
            SELECT user_id, award.company_id, points_earned, award.id, name ->> 'en_US'
              FROM kpi_user_achievement AS award
              JOIN kpi_achievement AS other ON other.id = award.achievement_id
             WHERE award.id = ANY(%s) AND award.state = 'earned'
            """,
            list(award_ids),
        )
        return self._book(rows, "award")

    def _reverse(self, origin, ids, reason, *, is_back=False):
        """Take back what was booked: the one way to a balance below 0.

        :param ids: of the origins, such as awards
        :param is_back: give back what was taken back
        """
        query = SQL(
            """
            SELECT user_id, company_id, -points, -full_points, origin, res_id,
                   %(reason)s, entry.id, NOT %(is_back)s
              FROM kpi_points_entry AS entry
             WHERE origin = %(origin)s
               AND res_id = ANY(%(ids)s)
               AND coalesce(is_reversal, FALSE) = %(is_back)s
               AND NOT EXISTS (SELECT FROM kpi_points_entry AS later
                                WHERE later.reversal_of_id = entry.id)
            """,
            reason=reason,
            is_back=is_back,
            origin=origin,
            ids=list(ids),
        )
        self._add(query)

    def _sum_earned(self):
        """Points that the user ever earned in the current company, spent ones too."""
        earned = self._get_my_domain() & Domain("origin", "!=", "reward")
        ((points,),) = self._read_group(earned, [], ["points:sum"])
        return max(points or 0, 0)

    def _spend_on(self, order):
        """Take the price of an order from the balance of who ordered.

        :raises UserError: the balance is too low
        """
        self.env.flush_all()
        query = SQL(
            """
            WITH spent AS (
                UPDATE kpi_points_balance AS head
                   SET balance = balance - price
                  FROM kpi_reward_order AS wanted
                 WHERE wanted.id = %s
                   AND head.user_id = wanted.user_id
                   AND head.company_id = wanted.company_id
                   AND balance >= price
             RETURNING wanted.*
            )
            INSERT INTO kpi_points_entry
                   (user_id, company_id, points, full_points, origin, res_id, reason,
                    day, recorded_at)
            SELECT user_id, company_id, -price, -price, 'reward', id, %s,
                   %s, now() AT TIME ZONE 'UTC'
              FROM spent
            """,
            order.id,
            order.reward_id.name,
            order.company_id._get_gamification_today(),
        )
        self.env.cr.execute(query)
        if not self.env.cr.rowcount:
            raise UserError(
                self.env._(
                    "%(reward)s costs %(price)s, more than you have.",
                    reward=order.reward_id.name,
                    price=say_count(
                        order.price, self.env._("1 point"), self.env._("%s points")
                    ),
                )
            )
        self.env.invalidate_all()

    def _today_sql(self):
        """SELECT of each company's today, by its calendar, never by a viewer's zone."""
        self.env.flush_all()
        return SQL("""
            SELECT DISTINCT ON (company.id) company.id AS company_id,
                   (now() AT TIME ZONE coalesce(calendar.tz, 'UTC'))::date AS day
              FROM res_company AS company
         LEFT JOIN kpi_calendar AS calendar
                ON calendar.id = company.kpi_calendar_id
                OR company.kpi_calendar_id IS NULL AND calendar.company_id = company.id
          ORDER BY company.id, calendar.is_default DESC, calendar.id
        """)


class KpiPointsBalance(models.Model):
    """What somebody has: the sum of their entries in a company."""

    _name = "kpi.points.balance"
    _description = "Points Balance"
    _inherit = ["kpi.engine.rows.mixin", "kpi.gamification.person.mixin"]
    _log_access = False
    _rec_name = "user_id"

    balance = fields.Integer("Points", required=True, readonly=True)

    _user_company_uniq = models.UniqueIndex("(user_id, company_id)")

    def _get_mine(self):
        """Points that the user has in the current company."""
        return self.search(self._get_my_domain()).balance

    def _cron_check(self):
        """Compare all balances with their entries.

        :raises UserError: some differ; the job fails, which officers see
        """
        query = SQL("""
            SELECT DISTINCT user_id
              FROM kpi_points_balance AS head
         FULL JOIN (SELECT user_id, company_id, sum(points) AS points
                      FROM kpi_points_entry
                  GROUP BY user_id, company_id) AS sums USING (user_id, company_id)
             WHERE head.balance IS DISTINCT FROM sums.points
          ORDER BY user_id
        """)
        if wrong := self.env.execute_query(query):
            people = self.env["res.users"].browse(one for (one,) in wrong)
            names = ", ".join(people[:MOST_NAMED].mapped("login"))
            text = self.env._("Point balances do not match their entries: %s.", names)
            raise UserError(text)


class KpiPointsCap(models.Model):
    """Points that one person gets at most in a day or month, in all or by an origin."""

    _name = "kpi.points.cap"
    _description = "Point Limit"
    _inherit = ["kpi.gamification.company.mixin"]
    _rec_name = "grain"
    _order = "company_id, grain, origin, id"

    active = fields.Boolean(default=True)
    grain = fields.Selection(
        [("day", "Day"), ("month", "Month")],
        "Time Frame",
        required=True,
        default="month",
    )
    origin = fields.Selection(
        [origin for origin in ORIGINS if origin[0] != "reward"],
        help="Leave empty to limit all origins together.",
    )
    most_points = fields.Integer(
        string="Maximum Points", required=True, aggregator=None
    )

    _most_points_positive = models.Constraint(
        "CHECK (most_points >= 0)", "“Maximum Points” must be 0 or more."
    )
