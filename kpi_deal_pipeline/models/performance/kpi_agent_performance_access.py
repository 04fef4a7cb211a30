from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

from odoo.addons.kpi_base.actions import show_notification
from odoo.addons.kpi_base.engine.counts import list_counts
from odoo.addons.kpi_base.fields import OptionalFloat, or_none
from odoo.addons.kpi_base.formatting import format_day, format_number, format_percent
from odoo.addons.kpi_base.rights import search_by

from ...engine.kinds import SAMPLE
from .kpi_agent_performance import EARNINGS, MEASURED

# Of the figures that benchmarks have, those of deals closed in the last 365 days, and
# those of deals that are open. The others are of all that was so far.
RECENT = ("conversion_rate", "avg_cycle_days", "avg_deal_value")
OPEN = ("deals_open", "gross_pipeline_value", "weighted_pipeline_value")
PROGRAM_FIELDS = ("as_of_date", "is_final", "known_at", *MEASURED)
CELL = Markup('<{tag} class="{side}">{cell}</{tag}>')
SMALL = Markup("{}<br/><small>{}</small>")  # what is below is smaller
TABLE = Markup(
    '<div class="table-responsive"><table class="table table-sm">'
    "<thead>{}</thead><tbody>{}</tbody></table></div>"
)


class KpiAgentPerformance(models.Model):
    """Rights to see the performance of agents.

    Agents see what they earn: who is an agent and a viewer does not see the rows of
    others, lest their earnings show.
    """

    _name = "kpi.agent.performance"
    _inherit = ["kpi.agent.performance", "kpi.led.mixin"]
    _led_person = "agent_id"

    is_latest = fields.Boolean(
        "Latest Day", compute="_compute_is_latest", search=search_by("_latest_domain")
    )
    payout_velocity_days = OptionalFloat(
        "Payout (Days)",
        compute="_compute_context",
        groups=EARNINGS,
        help="Average days from commission approval to payment.",
    )
    commission_per_won_deal = OptionalFloat(
        "Commission per Won Deal", compute="_compute_context", groups=EARNINGS
    )
    pipeline_coverage = OptionalFloat(
        "Open ÷ Won, 365 Days",
        compute="_compute_context",
        groups=EARNINGS,
        help="Pipeline ÷ value won in the last 365 days.",
    )
    # As those of all time: counts and averages of deals, no earnings.
    recent_closed_count = fields.Integer(
        "Closed Deals, Last 365 Days", compute="_compute_recent", compute_sudo=True
    )
    recent_won_count = fields.Integer(
        "Won Deals, Last 365 Days", compute="_compute_recent", compute_sudo=True
    )
    recent_conversion_rate = OptionalFloat(
        "Win Rate, Last 365 Days",
        digits=(5, 4),
        compute="_compute_recent",
        compute_sudo=True,
        help="Compared with benchmarks.",
    )
    recent_cycle_days = OptionalFloat(
        "Sales Cycle (Days), Last 365 Days",
        compute="_compute_recent",
        compute_sudo=True,
        help="Compared with benchmarks.",
    )
    unpriced_text = fields.Char(
        "Missing Exchange Rates",
        compute="_compute_context",
        groups=EARNINGS,
        exportable=False,
    )
    by_asset_type = fields.Html(
        "Closed by Asset Type",
        compute="_compute_tables",
        sanitize=False,
        groups=EARNINGS,
    )
    by_stage = fields.Html(
        "Open by Stage", compute="_compute_tables", sanitize=False, groups=EARNINGS
    )
    by_benchmark = fields.Html(
        "Compared with Benchmarks",
        compute="_compute_by_benchmark",
        sanitize=False,
        groups=EARNINGS,
    )

    @api.model
    def _get_led_domain(self):
        led = self._members_domain([("crm_team_id.user_id", "=", self.env.uid)])
        return led | super()._get_led_domain()

    @api.model
    def _get_team_domain(self):
        if self.env.user.has_group(EARNINGS):
            return Domain("agent_id", "=", self.env.uid)
        mine = [("crm_team_id.crm_team_member_ids.user_id", "=", self.env.uid)]
        return self._members_domain(mine)

    @api.model
    def _members_domain(self, domain):
        """Rows of the members of teams, in the companies of the teams."""
        # Memberships are not for everybody to read; who asks knows the teams.
        members = self.env["crm.team.member"].sudo().search(domain)
        return Domain.OR(
            Domain("agent_id", "in", team_members.user_id.ids)
            & (Domain("company_id", "=", company.id) if company else Domain.TRUE)
            for company, team_members in members.grouped(
                lambda member: member.crm_team_id.company_id
            ).items()
        )

    @api.depends("as_of_date", "company_id")
    def _compute_is_latest(self):
        latest = self.filtered_domain(self._latest_domain())
        for row in self:
            row.is_latest = row in latest

    @api.model
    def _latest_domain(self):
        """Rows of the last day of each company."""
        self.flush_model(["as_of_date", "company_id"])
        statement = """
            SELECT company.id, (
                SELECT max(as_of_date)
                  FROM agent_performance_snapshots
                 WHERE company_id = company.id)
              FROM res_company AS company
        """
        days = self.env.execute_query(SQL(statement))
        return Domain.OR(
            Domain("company_id", "=", company_id) & Domain("as_of_date", "=", day)
            for company_id, day in days
            if day
        )

    @api.depends("snapshot_context")
    def _compute_context(self):
        for row in self:
            context = row.snapshot_context or {}
            row.payout_velocity_days = context.get("payout_velocity_days")
            per_deal = context.get("commission_per_won_deal")
            row.commission_per_won_deal = float(per_deal) if per_deal else None
            row.pipeline_coverage = context.get("pipeline_coverage")
            deals = context.get("unpriced_deals") or 0
            commissions = context.get("unpriced_commissions") or 0
            excluded = list_counts(
                (deals, self.env._("1 deal"), self.env._("%s deals")),
                (
                    commissions,
                    self.env._("1 commission entry"),
                    self.env._("%s commission entries"),
                ),
            )
            row.unpriced_text = excluded and self.env._(
                "Amounts exclude records without an exchange rate: %s.", excluded
            )

    @api.depends("roi_metrics")
    def _compute_recent(self):
        for row in self:
            recent = (row.roi_metrics or {}).get("last_365_days") or {}
            won = recent.get("deals_closed_won") or 0
            row.recent_won_count = won
            row.recent_closed_count = won + (recent.get("deals_closed_lost") or 0)
            row.recent_conversion_rate = recent.get("conversion_rate")
            row.recent_cycle_days = recent.get("avg_cycle_days")

    @api.depends("roi_metrics", "snapshot_context")
    def _compute_tables(self):
        deals = self.env["kpi.deal"]
        kinds = dict(deals._fields["asset_type"]._description_selection(self.env))
        stages = deals._fields["pipeline_stage"]._description_selection(self.env)
        for row in self:
            closed = (row.roi_metrics or {}).get("conversion_by_asset_type") or {}
            row.by_asset_type = closed and self._lines_table(
                (
                    self.env._("Asset type"),
                    self.env._("Won"),
                    self.env._("Lost"),
                    self.env._("Win rate"),
                    self.env._("Won value"),
                ),
                [
                    (
                        kinds.get(kind, self.env._("No asset type")),
                        found["deals_closed_won"],
                        found["deals_closed_lost"],
                        format_percent(self.env, found["conversion_rate"], 1),
                        row._money(found["won_value_amount"]),
                    )
                    for kind, found in sorted(closed.items())
                ],
            )
            still = (row.snapshot_context or {}).get("open_by_stage") or {}
            row.by_stage = still and self._lines_table(
                (self.env._("Stage"), self.env._("Deals"), self.env._("Value")),
                [
                    (label, still[key]["deals"], row._money(still[key]["value_amount"]))
                    for key, label in stages
                    if key in still
                ],
            )

    @api.depends("as_of_date", "company_id", *MEASURED)
    def _compute_by_benchmark(self):
        """Compare own figures with the benchmarks that were valid on the day."""
        for day, rows in self.grouped("as_of_date").items():
            benchmarks = self.env["kpi.performance.benchmark"].search(
                self.env["kpi.performance.benchmark"]._in_force_domain(day)
                & Domain("company_id", "in", [*rows.company_id.ids, False])
                & Domain("asset_type", "=", False)
                & Domain("deal_type", "=", False)
                & Domain("value_numeric", "!=", False)
                & Domain("source", "!=", SAMPLE)
            )
            for row in rows:
                figures = row._get_own_figures()
                lines = [
                    row._get_benchmark_cells(benchmark, figures[benchmark.metric_key])
                    for benchmark in benchmarks
                    # of all companies, or of the row's own
                    if benchmark.company_id <= row.company_id
                    and figures.get(benchmark.metric_key) is not None
                ]
                titles = (
                    self.env._("Figure"),
                    self.env._("Own"),
                    self.env._("Benchmark"),
                    self.env._("Comparison"),
                )
                row.by_benchmark = self._lines_table(titles, lines) if lines else False

    def _get_own_figures(self):
        """Metric of benchmarks → own figure of the row, None where there is none.

        As benchmarks do, win rate, sales cycle and deal value look back 365 days.
        """
        self.ensure_one()
        returns, context = self.roi_metrics or {}, self.snapshot_context or {}
        recent = returns.get("last_365_days") or {}
        won, value = recent.get("deals_closed_won"), recent.get("won_value_amount")
        # An average of deals some of which have no rate would be too low.
        is_priced = won and value and not context.get("unpriced_deals")
        return {
            "conversion_rate": recent.get("conversion_rate"),
            "avg_cycle_days": recent.get("avg_cycle_days"),
            "avg_deal_value": float(value) / won if is_priced else None,
            "deals_open": self.deals_open,
            "deals_closed_won": self.deals_closed_won,
            "gross_pipeline_value": self.gross_pipeline_value,
            "weighted_pipeline_value": self.weighted_pipeline_value,
            "payout_velocity_days": context.get("payout_velocity_days"),
            "commission_rate": returns.get("commission_rate"),
        }

    def _get_benchmark_cells(self, benchmark, number):
        """Cells that compare the own figure ``number`` with a benchmark."""
        cohorts = dict(benchmark._fields["cohort"]._description_selection(self.env))
        period = self.env._("So far")
        if benchmark.metric_key in RECENT:
            period = self.env._("Last 365 days")
        elif benchmark.metric_key in OPEN:
            period = self.env._("On this day")
        described = self.env._(
            "%(origin)s, n = %(count)s, valid from %(day)s",
            origin=benchmark.source,
            count=format_number(self.env, benchmark.sample_size, 0),
            day=format_day(self.env, benchmark.effective_date),
        )
        return (
            SMALL.format(benchmark.metric_name, period),
            benchmark._format_number(number),
            SMALL.format(
                f"{cohorts[benchmark.cohort]}: {benchmark.value_display}", described
            ),
            benchmark._rate(number),
        )

    def _money(self, text):
        return format_amount(self.env, float(text), self.currency_id)

    @api.model
    def _lines_table(self, titles, rows):
        """Cells as they are, the first to the left and numbers to the right."""

        def line(tag, cells):
            sides = ["text-start", *["text-end"] * (len(cells) - 1)]
            return Markup("<tr>{}</tr>").format(
                Markup().join(
                    CELL.format(tag=tag, side=side, cell=cell)
                    for side, cell in zip(sides, cells, strict=True)
                )
            )

        lines = (line("td", row) for row in rows)
        return TABLE.format(line("th", titles), Markup().join(lines))

    def action_verify(self):
        """Make the rows again from the events, and say whether they are equal."""
        self.check_access("read")
        differing = {row: names for row, names in self._differences().items() if names}
        if not differing:
            message = self.env._("Verified: recalculated values match.")
            return show_notification(message, sticky=False)
        lines = [
            self.env._(
                "%(agent)s, %(day)s: %(fields)s do not match the recorded events.",
                agent=row.agent_id.name,
                day=format_day(self.env, row.as_of_date),
                fields=", ".join(
                    self._fields[name]._description_string(self.env) for name in names
                ),
            )
            for row, names in differing.items()
        ]
        return show_notification("\n".join(lines), type="danger", sticky=True)

    @api.model
    def _latest_for_programs(self, agent_id, company_id, days):
        """Values of the latest row that the user may see; None where there is none.

        :param agent_id: default: the user
        :param company_id: default: the user's company
        :param days: first and last day of a period, or None
        """
        domain = [
            ("agent_id", "=", agent_id or self.env.uid),
            ("company_id", "=", company_id or self.env.company.id),
        ]
        if days:
            domain += [("as_of_date", ">=", days[0]), ("as_of_date", "<=", days[1])]
        row = self.search(domain, order="as_of_date desc", limit=1)
        if not row:
            return None
        known = [
            name
            for name in PROGRAM_FIELDS
            if self._has_field_access(self._fields[name], "read")
        ]
        # Who sees the row may see whose it is.
        agent, company, currency = (
            row.sudo()[name] for name in ("agent_id", "company_id", "currency_id")
        )
        return {
            **dict.fromkeys(PROGRAM_FIELDS),
            **{name: row[name] for name in known},
            "avg_cycle_days": or_none(row.avg_cycle_days),
            "conversion_rate": or_none(row.conversion_rate),
            "id": row.id,
            "agent_id": agent.id,
            "agent": {"id": agent.id, "name": agent.display_name},
            "company": {"id": company.id, "name": company.name},
            "currency": currency.name,
            "roi_breakdown": self.env["kpi.deal.roi"]._summarize(agent, company, days),
            "created_at": row.create_date,
            "updated_at": row.write_date,
        }
