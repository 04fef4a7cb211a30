from odoo import api, fields, models
from odoo.tools import SQL


class KpiInitiativeMonth(models.Model):
    """Sums of all benefits of an initiative in a month, archived ones included.

    A trigger keeps them while months of benefits are written, by whatever way. Who may
    not read all benefits of the initiative gets nothing that is made of them.
    """

    _name = "kpi.initiative.month"
    _description = "Initiative Month"
    _log_access = False
    _order = "initiative_id, period_start"
    _rec_name = "initiative_id"

    initiative_id = fields.Many2one(
        "kpi.initiative", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="initiative_id.currency_id")
    period_start = fields.Date("Month", required=True, readonly=True)
    planned = fields.Monetary(readonly=True)
    realized = fields.Monetary(readonly=True)
    unreported = fields.Monetary(
        "Unreported Disbenefits",
        readonly=True,
        help="Planned disbenefits without a value; included in rates and gaps.",
    )
    reported_count = fields.Integer(
        "Values", readonly=True, help="Benefits with a value in the month."
    )
    period_count = fields.Integer(
        "Benefits", readonly=True, help="Benefits with this month."
    )

    _initiative_month_uniq = models.UniqueIndex("(initiative_id, period_start)")

    def init(self):
        """Have the trigger keep the sums, and bring them in line once."""
        self.env.cr.execute(SQL(_TRIGGERS))
        self._rebuild()
        return super().init()

    @api.model
    def _rebuild(self):
        """Make all sums anew."""
        self.env["kpi.benefit.period"].flush_model()
        self.env.cr.execute(SQL(_REBUILD))
        self.invalidate_model()


_SUMS = """
    SELECT initiative_id, period_start, sum(planned) AS planned,
           sum(realized) AS realized, sum(unreported) AS unreported,
           sum(reported) AS reported_count, sum(counted) AS period_count
      FROM ({rows}) AS changed
     WHERE initiative_id IS NOT NULL
  GROUP BY initiative_id, period_start
"""
_ROWS = """
    SELECT initiative_id, period_start, {sign} coalesce(planned, 0) AS planned,
           {sign} coalesce(realized, 0) AS realized,
           CASE WHEN realized IS NULL THEN {sign} LEAST(planned, 0) ELSE 0 END
               AS unreported,
           {sign} (realized IS NOT NULL)::int AS reported, {sign} 1 AS counted
      FROM {table}
"""
_ADDED, _REMOVED = (
    _ROWS.format(sign=sign, table=table)
    for sign, table in (("+", "added"), ("-", "removed"))
)
# In one order, so that two of them do not wait for each other.
_ADD = """
    INSERT INTO kpi_initiative_month AS month
           (initiative_id, period_start, planned, realized, unreported,
            reported_count, period_count)
    SELECT * FROM ({sums}) AS sums
     WHERE (planned <> 0 OR realized <> 0 OR unreported <> 0 OR reported_count <> 0
            OR period_count <> 0)
       AND EXISTS (SELECT FROM initiatives WHERE id = sums.initiative_id)
  ORDER BY initiative_id, period_start
        ON CONFLICT (initiative_id, period_start)
        DO UPDATE SET planned = month.planned + EXCLUDED.planned,
           realized = month.realized + EXCLUDED.realized,
           unreported = month.unreported + EXCLUDED.unreported,
           reported_count = month.reported_count + EXCLUDED.reported_count,
           period_count = month.period_count + EXCLUDED.period_count
"""
_SUM_ADDED = _SUMS.format(rows=_ADDED)
_SUM_REMOVED = _SUMS.format(rows=_REMOVED)
_SUM_CHANGED = _SUMS.format(rows=f"{_ADDED} UNION ALL {_REMOVED}")
_EVERY = _ROWS.format(sign="+", table="kpi_benefit_period")
# What is deleted with its initiative has no sums any more: those are not made anew.
_TRIGGERS = f"""
    CREATE OR REPLACE FUNCTION kpi_initiative_month_sum() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            {_ADD.format(sums=_SUM_ADDED)};
        ELSIF TG_OP = 'UPDATE' THEN
            {_ADD.format(sums=_SUM_CHANGED)};
        ELSE
            {_ADD.format(sums=_SUM_REMOVED)};
        END IF;
        RETURN NULL;
    END
    $$ LANGUAGE plpgsql;
    CREATE OR REPLACE TRIGGER kpi_initiative_month_added
    AFTER INSERT ON kpi_benefit_period REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION kpi_initiative_month_sum();
    CREATE OR REPLACE TRIGGER kpi_initiative_month_changed
    AFTER UPDATE ON kpi_benefit_period
    REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION kpi_initiative_month_sum();
    CREATE OR REPLACE TRIGGER kpi_initiative_month_removed
    AFTER DELETE ON kpi_benefit_period REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION kpi_initiative_month_sum();
"""
_REBUILD = f"""
    DELETE FROM kpi_initiative_month;
    {_ADD.format(sums=_SUMS.format(rows=_EVERY))}
"""
