from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from pydantic import ValidationError as SchemaError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, date_utils

from odoo.addons.kpi_base.percent import say_percent
from odoo.addons.kpi_base.rights import remember_rights

from ...engine.portfolio import Standing, choose_at_risk, choose_best, find_risks
from ...engine.realisation import measure_realisation
from ...engine.standing import SILENT_PERIODS, find_miss, get_rate_limit
from ...schemas.portfolio import PortfolioOptions
from ..benefit.kpi_benefit_status import CONFIRMED_AT_END
from .portfolio_statement import BENEFIT_COLUMNS, amounts_sql, initiatives_sql

SHOWN = 5
MOST_BUBBLES = 30
EVER = (date(1, 1, 1), date(9999, 12, 31))


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
            critical = self._count_critical(leakages)
            standings, unpriced = self._build_standings(rows, statuses, critical)
            unpriced |= {row[0] for row in leakages if row[0] and row[4]}
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
                "statuses": self._name_counts("kpi.initiative", statuses.values()),
                "benefit_statuses": self._name_statuses(
                    "kpi.benefit.realization", counts
                ),
                **self._prepare_lists([*standings.values()]),
                "leakages": self._name_severities(leakages),
                "bubbles": bubbles,
            }

    @api.model
    def _read_options(self, given):
        """:raises UserError: not of the schema"""
        try:
            return PortfolioOptions.model_validate(given)
        except SchemaError as error:
            raise UserError(self.env._("The dashboard has no such options.")) from error

    @api.model
    def _get_initiative_domain(self, asked):
        domain = Domain.TRUE
        if asked.program_id:
            domain &= Domain("id", "child_of", asked.program_id)
        if asked.department_id:
            domain &= Domain("department_id", "child_of", asked.department_id)
        return domain

    @api.model
    def _get_counted_domain(self, asked):
        """The initiatives whose benefits count: what nobody approved is no plan yet."""
        domain = Domain("active", "=", True) & Domain("approved_on", "!=", False)
        return domain & self._get_initiative_domain(asked)

    @api.model
    def _get_benefit_domain(self, asked):
        """The benefits that count: their owner need not see the initiative."""
        return Domain("initiative_id", "any!", self._get_counted_domain(asked))

    @api.model
    def _select(self, model, domain, names):
        """SELECT of columns of the records that the user may read."""
        self.env[model].flush_model()
        query = self.env[model]._search(domain)
        return query.select(*(SQL.identifier(query.table, name) for name in names))

    @api.model
    def _select_benefits(self, asked):
        domain = self._get_benefit_domain(asked)
        return self._select("kpi.benefit.realization", domain, BENEFIT_COLUMNS)

    @api.model
    def _get_currency_values(self):
        company = self.env.company
        return {
            "company": company.id,
            "currency": company.currency_id.id,
            "today": fields.Date.context_today(self),
        }

    @api.model
    def _read_initiatives(self, asked):
        """Status of each initiative, and what they cost together."""
        names = ("id", "status", "company_id", "planned_cost", "forecast_cost")
        domain = self._get_initiative_domain(asked)
        initiatives = self._select("kpi.initiative", domain, names)
        values = self._get_currency_values()
        rows = self.env.execute_query(
            initiatives_sql(initiatives=initiatives, **values)
        )
        costs = {
            name: _add_known(row[place] for row in rows)
            for name, place in (("planned_cost", 2), ("forecast_cost", 3))
        }
        costs["unpriced"] = {row[0] for row in rows if row[4]}
        return {row[0]: row[1] for row in rows}, costs

    @api.model
    def _read_benefits(self, asked):
        """Four values of ``amounts_sql`` of the benefits that count."""
        for name in ("kpi.benefit.period", "kpi.benefit.confidence"):
            self.env[name].flush_model()
        month = self.env["kpi.benefit.realization"]._get_this_month()
        first, last = (
            date_utils.start_of(fields.Date.to_date(day), "month") if day else none
            for day, none in zip((asked.date_from, asked.date_to), EVER, strict=True)
        )
        (found,) = self.env.execute_query(
            amounts_sql(
                benefits=self._select_benefits(asked),
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

    @api.model
    def _read_standings(self, asked):
        """Status of each initiative, and its standing."""
        with remember_rights(self.env):
            statuses, _costs = self._read_initiatives(asked)
            rows, *_others = self._read_benefits(asked)
            critical = self._count_critical(self._read_leakages(asked))
            standings, _unpriced = self._build_standings(rows, statuses, critical)
        return statuses, standings

    @api.model
    def _build_standings(self, rows, statuses, critical):
        """Initiative → its standing, and the initiatives that lack a rate.

        :param critical: initiative → critical leakages that are open
        """
        # What leaks of an initiative without any months, such as its cost.
        bare = critical.keys() - {row[0] for row in rows}
        standings = {
            row[0]: Standing(
                row[0],
                *(amount or 0.0 for amount in row[1:5]),
                *(count or 0 for count in row[5:8]),
                critical=critical.get(row[0], 0),
                is_open=statuses[row[0]] != "closed",
            )
            for row in [*rows, *([one, *[None] * 8] for one in sorted(bare))]
            # Owners of benefits need not see the initiative: its name stays unknown.
            if row[0] in statuses
        }
        return standings, {row[0] for row in rows if row[8]}

    @api.model
    def _list_months(self, rows):
        """Dicts of each month; realised is None where nobody has said yet.

        :param rows: as of ``amounts_sql``
        """
        return [
            {
                "start": start,
                "planned": planned or 0.0,
                "realized": (realized or 0.0) if reported else None,
            }
            for start, planned, realized, _realized_to_date, reported in rows
        ]

    @api.model
    def _add_up(self, months, realized_to_date):
        """Totals of the months, and those of the ones that are over.

        :param realized_to_date: as rates count it
        """
        this_month = self.env["kpi.benefit.realization"]._get_this_month()
        over = [one for one in months if one["start"] < str(this_month)]
        planned_to_date = sum(one["planned"] for one in over)
        return {
            "planned": sum(one["planned"] for one in months),
            "realized": sum(one["realized"] or 0.0 for one in months),
            "planned_to_date": planned_to_date,
            "realized_to_date": realized_to_date,
            **self._judge_rate(planned_to_date, realized_to_date),
        }

    @api.model
    def _judge_rate(self, planned, realized):
        """The rate to date, its status, and the rate at which that would be another."""
        rate = measure_realisation(realized, planned)
        if rate is None:
            return {"rate": None, "rate_status": "no_data", "rate_limit": None}
        return {
            "rate": rate,
            "rate_status": "at_risk" if find_miss(planned, realized) else "on_track",
            "rate_limit": get_rate_limit(planned),
        }

    @api.model
    def _name_counts(self, model, statuses):
        counts = {}
        for status in statuses:
            counts[status] = counts.get(status, 0) + 1
        return self._name_statuses(model, counts)

    @api.model
    def _name_statuses(self, model, counts):
        """Dicts of each status in its order, with its word and count."""
        field = self.env[model]._fields["status"]
        return [
            {"status": status, "name": name, "count": counts.get(status, 0)}
            for status, name in field._description_selection(self.env)
        ]

    @api.model
    def _prepare_lists(self, standings):
        """Initiatives that do best and those at risk, with their names."""
        best = choose_best(standings, SHOWN)
        at_risk = choose_at_risk(standings)
        shown = [*best, *at_risk[:SHOWN]]
        records = self.env["kpi.initiative"].browse({one.id for one in shown})
        names = {one.id: one.display_name for one in records}
        return {
            "top": [self._describe(one, names) for one in best],
            "at_risk": [
                {**self._describe(one, names), "reasons": self._describe_risks(one)}
                for one in at_risk[:SHOWN]
            ],
            "at_risk_count": len(at_risk),
        }

    @api.model
    def _describe(self, standing, names):
        return {
            "id": standing.id,
            "name": names[standing.id],
            "rate": standing.rate,
            "planned": standing.planned_to_date,
            "realized": standing.realized_to_date,
        }

    @api.model
    def _describe_risks(self, standing):
        """Sentences that say why an initiative is at risk."""
        words = {
            "behind": lambda rate: self.env._(
                "Only %s of the plan to date.", say_percent(self.env, rate)
            ),
            "above": lambda rate: self.env._(
                "%s of the plan to date, of which less is better.",
                say_percent(self.env, rate),
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


def _add_known(amounts):
    """Sum of what is known; None where nothing is, as 0 is an amount."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
