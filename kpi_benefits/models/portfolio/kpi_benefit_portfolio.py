from collections import Counter
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from pydantic import ValidationError as SchemaError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, date_utils

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.tabular import write_xlsx
from odoo.addons.kpi_base.formatting import format_small_percent
from odoo.addons.kpi_base.rights import remember_rights

from ...engine.portfolio import Standing, choose_at_risk, choose_best, find_risks
from ...engine.standing import (
    SILENT_PERIODS,
    find_miss,
    get_rate_limit,
    measure_realisation,
)
from ...schemas.insight import PortfolioOptions
from ..benefit.kpi_benefit_realization import CONFIRMED_AT_END
from ..kpi_value_leakage import CLOSED
from .portfolio_statement import (
    BENEFIT_COLUMNS,
    amounts_sql,
    initiatives_sql,
    leakages_sql,
)

SHOWN = 5
MOST_BUBBLES = 30
EVER = (date(1, 1, 1), date(9999, 12, 31))
# Kind of records behind a figure → the action that lists them; ``_find_<kind>``.
LISTS = {
    "initiatives": "kpi_benefits.kpi_initiative_action",
    "benefits": "kpi_benefits.kpi_benefit_realization_action",
    "at_risk": "kpi_benefits.kpi_initiative_action",
    "leakages": "kpi_benefits.kpi_value_leakage_action",
    "months": "kpi_benefits.kpi_benefit_period_action",
}


class KpiBenefitPortfolio(models.AbstractModel):
    """Benefits of all initiatives together, as far as the reader sees these."""

    _name = "kpi.benefit.portfolio"
    _description = "Benefits Dashboard"

    @api.model
    @api.readonly
    def get_choices(self):
        """Programmes and departments of the initiatives that the user sees.

        :return: dict of two lists of dicts: ``id`` and ``name``
        """
        initiatives = self.env["kpi.initiative"]
        programs = initiatives.search([("child_ids", "!=", False)])
        departments = initiatives._read_group(
            [("department_id", "!=", False)], ["department_id"]
        )
        found = self.env["hr.department"].union(*(row[0] for row in departments))
        return {
            "programs": [{"id": one.id, "name": one.display_name} for one in programs],
            # Whoever sees an initiative sees what its department is called.
            "departments": [
                {"id": one.id, "name": one.display_name}
                for one in found.sudo().sorted("complete_name")
            ],
        }

    @api.model
    @api.readonly
    def get_portfolio(self, options: dict[str, Any]):
        """What the dashboard shows, in the currency of the current company.

        :param options: as ``PortfolioOptions``
        :return: dict of figures, ``months``, ``statuses``, ``top`` and ``at_risk``
        :raises UserError: options that no portfolio has
        """
        with remember_rights(self.env):
            asked = self._read_options(options)
            statuses, costs = self._read_initiatives(asked)
            rows, months, counts, bubbles = self._read_benefits(asked)
            leakages = self._read_leakages(asked)
            standings, unpriced = self._build_standings(rows, statuses, leakages)
            realized_to_date = sum(month[3] or 0.0 for month in months)
            months = self._list_months(months)
            this_month = self.env["kpi.benefit.realization"]._get_this_month()
            return {
                "currency_id": self.env.company.currency_id.id,
                "this_month": str(this_month),
                "initiative_count": len(statuses),
                "benefit_count": sum(counts.values()),
                "unpriced_count": len(unpriced | costs.pop("unpriced")),
                **costs,
                **self._add_up(months, realized_to_date),
                "months": months,
                "statuses": self._name_statuses(
                    "kpi.initiative", Counter(statuses.values())
                ),
                "benefit_statuses": self._name_statuses(
                    "kpi.benefit.realization", counts
                ),
                **self._prepare_lists([*standings.values()]),
                "leakages": self._name_severities(leakages),
                "bubbles": bubbles,
            }

    def _read_options(self, given):
        """:raises UserError: not of the schema"""
        try:
            return PortfolioOptions.model_validate(given)
        except SchemaError as error:
            raise UserError(self.env._("Invalid dashboard options.")) from error

    def _get_initiative_domain(self, asked):
        domain = Domain.TRUE
        if asked.program_id:
            domain &= Domain("id", "child_of", asked.program_id)
        if asked.department_id:
            domain &= Domain("department_id", "child_of", asked.department_id)
        return domain

    def _get_counted_domain(self, asked):
        """The initiatives whose benefits count: what nobody approved is no plan yet."""
        domain = Domain("active", "=", True) & Domain("approved_on", "!=", False)
        return domain & self._get_initiative_domain(asked)

    def _get_benefit_domain(self, asked):
        """The benefits that count: their owner need not see the initiative."""
        return Domain("initiative_id", "any!", self._get_counted_domain(asked))

    def _select(self, model, domain, names):
        """SELECT of columns of the records that the user may read."""
        self.env[model].flush_model()
        query = self.env[model]._search(domain)
        return query.select(*(SQL.identifier(query.table, name) for name in names))

    def _get_currency_values(self):
        company = self.env.company
        return {
            "company": company.id,
            "currency": company.currency_id.id,
            "today": fields.Date.context_today(self),
        }

    def _read_initiatives(self, asked):
        """Status of each initiative, and what those cost together that count."""
        names = ("id", "status", "company_id", "planned_cost", "forecast_cost")
        names += ("approved_on",)
        domain = self._get_initiative_domain(asked)
        initiatives = self._select("kpi.initiative", domain, names)
        values = self._get_currency_values()
        rows = self.env.execute_query(
            initiatives_sql(initiatives=initiatives, **values)
        )
        statuses = {row[0]: row[1] for row in rows}
        counted = [row[2:4] for row in rows if row[5]]
        both = [row for row in counted if None not in row]
        planned, forecast = map(sum, zip(*both, strict=True)) if both else (0.0, 0.0)
        return statuses, {
            "unpriced": {row[0] for row in rows if row[4]},
            "planned_cost": _add_known(row[0] for row in counted),
            "forecast_cost": _add_known(row[1] for row in counted),
            "proposed_cost": _add_known(
                row[2] if row[3] is None else row[3]
                for row in rows
                if not row[5] and row[1] != "closed"
            ),
            "compared_cost_count": len(both),
            "compared_planned_cost": planned,
            "cost_change": forecast - planned if both else None,
        }

    def _read_benefits(self, asked):
        """Four values of ``amounts_sql`` of the benefits that count."""
        for name in ("kpi.benefit.period", "kpi.benefit.confidence"):
            self.env[name].flush_model()
        domain = self._get_benefit_domain(asked)
        benefits = self._select("kpi.benefit.realization", domain, BENEFIT_COLUMNS)
        month = self.env["kpi.benefit.realization"]._get_this_month()
        first, last = (
            date_utils.start_of(fields.Date.to_date(day), "month") if day else none
            for day, none in zip((asked.date_from, asked.date_to), EVER, strict=True)
        )
        (found,) = self.env.execute_query(
            amounts_sql(
                benefits=benefits,
                first=first,
                last=last,
                month=month,
                recent=month - relativedelta(months=SILENT_PERIODS),
                ended=CONFIRMED_AT_END,
                most=MOST_BUBBLES,
                **self._get_currency_values(),
            )
        )
        return found

    def _build_standings(self, rows, statuses, leakages):
        """Initiative → its standing, and the initiatives that lack a rate."""
        critical = {
            row[0]: row[2] for row in leakages if row[0] and row[1] == "critical"
        }
        # What leaks of an initiative without any months, such as its cost.
        bare = critical.keys() - {row[0] for row in rows}
        quiet = [row[0] for row in rows if row[5] >= SILENT_PERIODS and not row[6]]
        periods = self.env["kpi.benefit.period"].search_fetch(
            [("initiative_id", "in", quiet), ("benefit_id.active", "=", True)],
            ["benefit_id", "initiative_id", "period_start", "planned", "realized"],
        )
        silent = {
            initiative.id: months._count_silent()
            for initiative, months in periods.grouped("initiative_id").items()
        }
        standings = {
            row[0]: Standing(
                row[0],
                *(amount or 0.0 for amount in row[1:5]),
                silent=silent.get(row[0], 0),
                at_risk=row[7] or 0,
                critical=critical.get(row[0], 0),
                is_open=statuses[row[0]] != "closed",
            )
            for row in [*rows, *([one, *[None] * 8] for one in sorted(bare))]
            # Owners of benefits need not see the initiative: its name stays unknown.
            if row[0] in statuses
        }
        unpriced = {row[0] for row in rows if row[8]}
        return standings, unpriced | {row[0] for row in leakages if row[0] and row[4]}

    def _find_standings(self, asked):
        """Status of each initiative, and its standing."""
        with remember_rights(self.env):
            statuses, _costs = self._read_initiatives(asked)
            rows, *_others = self._read_benefits(asked)
            leakages = self._read_leakages(asked)
            return statuses, self._build_standings(rows, statuses, leakages)[0]

    def _list_months(self, rows):
        """Dicts of each month; realised is None where nobody has said yet."""
        return [
            {
                "start": start,
                "planned": planned or 0.0,
                "realized": (realized or 0.0) if reported else None,
            }
            for start, planned, realized, _realized_to_date, reported in rows
        ]

    def _add_up(self, months, realized_to_date):
        """Totals of the months, of those that are over, and the status of their rate.

        :param realized_to_date: as rates count it
        :return: with the rate at which the status would be another one
        """
        this_month = self.env["kpi.benefit.realization"]._get_this_month()
        over = [one for one in months if one["start"] < str(this_month)]
        planned_to_date = sum(one["planned"] for one in over)
        rate, limit = measure_realisation(realized_to_date, planned_to_date), None
        status = "no_data"
        if rate is not None:
            limit = get_rate_limit(planned_to_date)
            is_missed = find_miss(planned_to_date, realized_to_date)
            status = "at_risk" if is_missed else "on_track"
        return {
            "planned": sum(one["planned"] for one in months),
            "realized": sum(one["realized"] or 0.0 for one in months),
            "planned_to_date": planned_to_date,
            "realized_to_date": realized_to_date,
            "rate": rate,
            "rate_status": status,
            "rate_limit": limit,
        }

    def _name_statuses(self, model, counts):
        """Dicts of each status in its order, with its word and count."""
        field = self.env[model]._fields["status"]
        return [
            {"status": status, "name": name, "count": counts.get(status, 0)}
            for status, name in field._description_selection(self.env)
        ]

    def _prepare_lists(self, standings):
        """Initiatives that do best and those at risk, with their names."""
        best, at_risk = choose_best(standings, SHOWN), choose_at_risk(standings)
        shown = {one.id for one in (*best, *at_risk[:SHOWN])}
        names = {
            one.id: one.display_name for one in self.env["kpi.initiative"].browse(shown)
        }

        def describe(standing):
            return {
                "id": standing.id,
                "name": names[standing.id],
                "rate": standing.rate,
                "planned": standing.planned_to_date,
                "realized": standing.realized_to_date,
            }

        return {
            "top": [describe(one) for one in best],
            "at_risk": [
                {**describe(one), "reasons": self._describe_risks(one)}
                for one in at_risk[:SHOWN]
            ],
            "at_risk_count": len(at_risk),
        }

    def _describe_risks(self, standing):
        """Sentences that say why an initiative is at risk."""
        words = {
            "behind": lambda rate: self.env._(
                "Only %s of the plan realized to date.",
                format_small_percent(self.env, rate),
            ),
            "above": lambda rate: self.env._(
                "%s of the plan realized to date (less is better).",
                format_small_percent(self.env, rate),
            ),
            "silent": lambda count: self.env._(
                "No value for the last %s months.", count
            ),
            "benefits": lambda count: (
                self.env._("%s benefits are at risk.", count)
                if count > 1
                else self.env._("A benefit is at risk.")
            ),
            "critical": lambda count: (
                self.env._("%s critical leakages are open.", count)
                if count > 1
                else self.env._("A critical leakage is open.")
            ),
        }
        return [words[code](number) for code, number in find_risks(standing)]

    def _get_leakage_domain(self, asked):
        """Open leakages of the initiatives that count."""
        is_open = Domain("status", "not in", CLOSED)
        counted = self._get_counted_domain(asked)
        return is_open & Domain("initiative_id", "any!", counted)

    def _read_leakages(self, asked):
        """Rows of ``leakages_sql``: open ones by severity and by initiative."""
        names = ("initiative_id", "company_id", "severity", "lost_value")
        domain = self._get_leakage_domain(asked)
        leakages = self._select("kpi.value.leakage", domain, names)
        return self.env.execute_query(
            leakages_sql(leakages=leakages, **self._get_currency_values())
        )

    def _name_severities(self, rows):
        """Dicts of each severity, the worst first, with its word, count and loss."""
        found = {row[1]: row[2:4] for row in rows if not row[0]}
        field = self.env["kpi.value.leakage"]._fields["severity"]
        return [
            {"severity": severity, "name": name, "count": count, "lost": lost or 0.0}
            for severity, name in reversed(field._description_selection(self.env))
            for count, lost in [found.get(severity, (0, 0.0))]
        ]

    def _find_leakages(self, asked, severity):
        leakages = self.env["kpi.value.leakage"]
        domain, name = self._add_choice(leakages, "severity", severity)
        found = leakages.search(domain & self._get_leakage_domain(asked))
        # Of initiatives that the user may not see, which no path leads to.
        return name, Domain("id", "in", found.ids)

    @api.model
    @api.readonly
    def open_records(self, options: dict[str, Any], kind: str, value: str = ""):
        """The action that lists what is behind a figure.

        :param options: as ``PortfolioOptions``
        :param kind: ``initiatives`` or ``benefits``, of the status ``value`` if given;
            ``at_risk`` (initiatives); ``months`` of benefits; open ``leakages``, of the
            severity ``value`` if given
        :raises UserError: the dashboard has no such figure
        """
        asked = self._read_options(options)
        if kind not in LISTS:
            raise UserError(self.env._("This dashboard figure does not exist."))
        name, domain = getattr(self, f"_find_{kind}")(asked, value)
        action = open_list(self.env, LISTS[kind], [*domain])
        return {**action, "display_name": name or action["name"]}

    def _find_initiatives(self, asked, status):
        initiatives = self.env["kpi.initiative"]
        domain, name = self._add_choice(initiatives, "status", status)
        return name, domain & self._get_initiative_domain(asked)

    def _find_benefits(self, asked, status):
        benefits = self.env["kpi.benefit.realization"]
        domain, name = self._add_choice(benefits, "status", status)
        plain = domain & self._get_path_domain(asked)
        found = benefits.search(domain & self._get_benefit_domain(asked))
        if len(found) != benefits.search_count(plain):
            # Of initiatives that the user does not see, which no path leads to.
            plain = Domain("id", "in", found.ids)
        return name, plain

    def _get_path_domain(self, asked):
        """What belongs to initiatives that the user sees, as clients may ask for it."""
        domain = Domain("initiative_id.active", "=", True)
        domain &= Domain("initiative_id.approved_on", "!=", False)
        if asked.program_id:
            domain &= Domain("initiative_id", "child_of", asked.program_id)
        if asked.department_id:
            path = "initiative_id.department_id"
            domain &= Domain(path, "child_of", asked.department_id)
        return domain

    def _add_choice(self, records, name, value):
        """Domain of a status or severity, and its word."""
        if not value:
            return Domain.TRUE, ""
        words = dict(records._fields[name]._description_selection(self.env))
        if value not in words:
            raise UserError(self.env._("This dashboard figure does not exist."))
        return Domain(name, "=", value), words[value]

    def _find_at_risk(self, asked, _value):
        _statuses, standings = self._find_standings(asked)
        ids = [one.id for one in choose_at_risk(standings.values())]
        return self.env._("At risk"), Domain("id", "in", ids)

    def _find_months(self, asked, _value):
        domain = Domain("benefit_id.active", "=", True) & self._get_path_domain(asked)
        if asked.date_from:
            domain &= Domain("period_start", ">=", asked.date_from)
        if asked.date_to:
            domain &= Domain("period_start", "<=", asked.date_to)
        return "", domain

    def _write_xlsx(self, options):
        """One row per initiative; amounts in the currency of the current company."""
        statuses, standings = self._find_standings(self._read_options(options))
        initiatives = self.env["kpi.initiative"].search([("id", "in", [*statuses])])
        names = dict(initiatives._fields["status"]._description_selection(self.env))
        currency = self.env.company.currency_id.name
        heads = [
            self.env._("Reference"),
            self.env._("Initiative"),
            self.env._("Program"),
            self.env._("Department"),
            self.env._("Owner"),
            self.env._("Status"),
            self.env._("Planned benefits (%s)", currency),
            self.env._("Realized benefits (%s)", currency),
            self.env._("Planned to date (%s)", currency),
            self.env._("Realized to date (%s)", currency),
            self.env._("Realization rate"),
            self.env._("Risk reason"),
        ]
        lines = [heads]
        for one in initiatives:
            standing = standings.get(one.id, Standing(one.id, 0.0, 0.0, 0.0, 0.0))
            amounts = [standing.planned, standing.realized]
            amounts += [standing.planned_to_date, standing.realized_to_date]
            # Whoever sees an initiative sees what and whom it names.
            shown = one.sudo()
            lines.append(
                [
                    one.reference or "",
                    one.name,
                    shown.parent_id.name or "",
                    shown.department_id.display_name or "",
                    shown.owner_id.name,
                    names[one.status],
                    *(amounts if one.approved_on else [""] * len(amounts)),
                    "" if standing.rate is None else standing.rate,
                    " ".join(self._describe_risks(standing)),
                ]
            )
        return write_xlsx(lines)


def _add_known(amounts):
    """None where nothing is known, as 0 is an amount."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
