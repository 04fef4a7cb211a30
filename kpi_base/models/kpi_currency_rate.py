from odoo import api, fields, models
from odoo.tools import SQL


class KpiCurrencyRate(models.Model):
    """Rate of a currency on each day: the last one known at or before that day.

    Known for the days that amounts are priced on, and for archived currencies too: old
    records still are in them. Days before the first rate have no row. Odoo's own
    functions answer 1.0 or a later rate there, which would be an invented amount.
    """

    _name = "kpi.currency.rate"
    _description = "KPI Currency Rate"
    _log_access = False
    _rec_name = "day"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", required=True, ondelete="cascade")
    day = fields.Date(required=True)
    rate = fields.Float(
        required=True, help="Units of this currency per unit of the base currency."
    )

    _company_currency_day_uniq = models.UniqueIndex("(company_id, currency_id, day)")

    @api.model
    def _refresh(self, *, force=False):
        """Bring the daily rates in line with Odoo's; days to the end of next year.

        :param force: also those of companies whose rates have not changed since
        """
        self.env["res.currency.rate"].flush_model()
        self.env["res.company"].flush_model(["parent_path"])
        current = dict(self.env.execute_query(self._fingerprints_sql()))
        companies = self.env["res.company"].browse(current)
        changed = companies.filtered(
            lambda company: (
                force or company.kpi_rates_fingerprint != current[company.id]
            )
        )
        if not changed:
            return
        self._write_days(changed)
        for company in changed:
            company.kpi_rates_fingerprint = current[company.id]
        self.invalidate_model()

    @api.model
    def _write_days(self, companies):
        """From its first own rate on, a company's rates win over the shared ones."""
        self.env.cr.execute(
            SQL(
                """
                WITH history AS (%(history)s),
                wanted AS MATERIALIZED (
                    SELECT company.id AS company_id, dated.currency_id,
                           day::date AS day, dated.rate::float8 AS rate
                      FROM res_company AS company
                CROSS JOIN history
                      JOIN LATERAL (
                        SELECT rate.currency_id,
                               rate.rate,
                               rate.name AS date_from,
                               COALESCE(
                                 lead(rate.name) OVER (
                                   PARTITION BY rate.currency_id ORDER BY rate.name
                                 ),
                                 %(stop)s
                               ) AS date_to
                          FROM res_currency_rate AS rate
                         WHERE rate.rate > 0
                           AND (rate.company_id
                                = split_part(company.parent_path, '/', 1)::int
                            OR rate.company_id IS NULL
                           AND NOT EXISTS (
                                 SELECT 1
                                   FROM res_currency_rate AS own
                                  WHERE own.currency_id = rate.currency_id
                                    AND own.company_id
                                        = split_part(company.parent_path, '/', 1)::int
                                    AND own.name <= rate.name
                               ))
                      ) AS dated ON TRUE
                CROSS JOIN generate_series(
                             GREATEST(dated.date_from, history.first_day),
                             dated.date_to - 1, interval '1 day') AS day
                     WHERE company.id = ANY(%(companies)s)
                ),
                gone AS (
                    DELETE FROM kpi_currency_rate AS known
                     WHERE known.company_id = ANY(%(companies)s)
                       AND NOT EXISTS (
                             SELECT 1
                               FROM wanted
                              WHERE wanted.company_id = known.company_id
                                AND wanted.currency_id = known.currency_id
                                AND wanted.day = known.day
                           )
                )
                INSERT INTO kpi_currency_rate (company_id, currency_id, day, rate)
                SELECT company_id, currency_id, day, rate FROM wanted
                    ON CONFLICT (company_id, currency_id, day)
                    DO UPDATE SET rate = EXCLUDED.rate
                 WHERE kpi_currency_rate.rate <> EXCLUDED.rate
                """,
                history=self._first_day_sql(),
                stop=self._stop_sql(),
                companies=companies.ids,
            )
        )

    @api.model
    def _fingerprints_sql(self):
        """SELECT of each company with what its daily rates are made from."""
        return SQL(
            """
            WITH history AS (%(history)s)
            SELECT company.id,
                   concat_ws(':', history.first_day, %(stop)s, count(rate.id),
                             bit_xor(hash_record_extended(
                               ROW(rate.company_id, rate.currency_id, rate.name,
                                   rate.rate), 0)))
              FROM res_company AS company
        CROSS JOIN history
         LEFT JOIN res_currency_rate AS rate
                ON rate.company_id IS NULL
                OR rate.company_id = split_part(company.parent_path, '/', 1)::int
          GROUP BY company.id, history.first_day
            """,
            history=self._first_day_sql(),
            stop=self._stop_sql(),
        )

    @api.model
    def _first_day_sql(self):
        """SELECT of ``first_day``, the first one whose rates are needed.

        NULL: from the first rate there is. An addon that prices amounts says here how
        far back it looks.
        """
        return SQL("SELECT NULL::date AS first_day")

    @api.model
    def _stop_sql(self):
        return SQL("(date_trunc('year', now()) + interval '2 years')::date")


class ResCompany(models.Model):
    _inherit = "res.company"

    kpi_rates_fingerprint = fields.Char(
        "KPI Exchange Rates Fingerprint",
        readonly=True,
        copy=False,
        exportable=False,
    )
