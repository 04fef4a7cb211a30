from dataclasses import asdict
from typing import Any

from pydantic import ValidationError as SchemaError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.date_utils import parse_date

from odoo.addons.kpi_base.actions import open_list

from ..engine.event_log import count_variants, count_worked, find_cases
from ..engine.process_map import draw_map, name_ends
from ..schemas.process_map import MapOptions, MapPath

SHOWN_VARIANTS = 10
MOST_REQUESTS = 50_000
FIRST_DAY = "today =1d -2m"  # three months, as all reports show at first


class KpiTatProcessMap(models.AbstractModel):
    """What follows on what in requests, as far as the reader sees these."""

    _name = "kpi.tat.process.map"
    _description = "Process Map"

    @api.model
    @api.readonly
    def get_choices(self):
        """Templates and departments of the requests that the user sees.

        :return: dict of two lists of dicts: ``id``, ``name`` and ``count``; and of
            ``date_from``, the first of the days that the map shows at first
        """
        requests = self.env["kpi.tat.request"]
        domain = self._get_domain(MapOptions())
        choices = {
            name: [
                # Whoever sees a request sees what these are called.
                {"id": one.id, "name": one.sudo().display_name, "count": count}
                for one, count in requests._read_group(
                    domain, [field], ["__count"], order="__count desc"
                )
                if one
            ]
            for name, field in (
                ("templates", "template_id"),
                ("departments", "department_id"),
            )
        }
        first_day = parse_date(FIRST_DAY, self.env)
        return {**choices, "date_from": fields.Date.to_string(first_day)}

    @api.model
    @api.readonly
    def get_map(self, options: dict[str, Any]):
        """The map that ``options`` ask for.

        :param options: as ``MapOptions``
        :return: dict of ``activities``, ``paths``, ``variants`` and counts
        :raises UserError: options that no map has
        """
        asked = self._read(MapOptions, options)
        log = self._build_log(asked)
        requests = self.env["kpi.tat.request"]
        worked = count_worked(log, requests._get_timelines(log))
        # How requests are rejected matters however rarely it happens.
        rejected = self._get_domain(asked) & Domain("approval_state", "=", "rejected")
        lasts = log.activities[log.lasts].tolist()
        last_of = dict(zip(log.case_names, lasts, strict=True))
        ends = {last_of.get(one) for one in requests._search(rejected)}
        drawn = draw_map(log, asked.share / 100, worked, ends)
        return {
            "case_count": len(log.case_names),
            "is_cut": len(log.case_names) >= MOST_REQUESTS,
            "event_count": len(log.instants),
            "hidden_activities": drawn.hidden_activities,
            "hidden_paths": drawn.hidden_paths,
            "left": drawn.layout.left,
            "right": drawn.layout.right,
            "ends": {end: drawn.layout.nodes[end] for end in ("begin", "end")},
            "activities": [
                {
                    **asdict(one),
                    "rework_count": one.rework_count,
                    "place": drawn.layout.nodes[one.number],
                }
                for one in drawn.activities
            ],
            "paths": [
                {**asdict(one), "bends": drawn.layout.paths.get(name_ends(one), [])}
                for one in drawn.paths
            ],
            **self._prepare_variants(log),
        }

    @api.model
    @api.readonly
    def open_requests(self, options: dict[str, Any], path: dict[str, Any]):
        """The action that lists the requests behind an activity or a path.

        :param path: as ``MapPath``: names of what follows on what
        """
        asked = self._read(MapOptions, options)
        ends = self._read(MapPath, path)
        log = self._build_log(asked)
        names = (ends.source, ends.target)
        numbers = {name: number for number, name in enumerate(log.activity_names)}
        is_known = all(name in numbers for name in names if isinstance(name, str))
        found = [numbers.get(name, name) for name in names]
        ids = find_cases(log, *found) if is_known else []
        return open_list(
            self.env,
            "kpi_workflow_tat.kpi_tat_request_action",
            [("id", "in", ids)],
            display_name=ends.describe(self.env._),
        )

    @api.model
    def _read(self, schema, given):
        """:raises UserError: not of this schema"""
        try:
            return schema.model_validate(given)
        except SchemaError as error:
            raise UserError(
                self.env._("Invalid map options. Reload the page.")
            ) from error

    @api.model
    def _build_log(self, asked):
        requests = self.env["kpi.tat.request"]
        return requests._build_event_log(self._get_domain(asked), MOST_REQUESTS)

    @api.model
    def _get_domain(self, asked):
        """Requests that were submitted, and that ``asked`` is about."""
        view = self.env["kpi.tat.view"].with_context(
            kpi_tat_date_from=asked.date_from,
            kpi_tat_date_to=asked.date_to,
            kpi_tat_template_id=asked.template_id,
            kpi_tat_department_id=asked.department_id,
        )
        return view._get_submitted_domain()

    @api.model
    def _prepare_variants(self, log):
        variants = count_variants(log)
        return {
            "variant_count": len(variants),
            "variants": [
                {
                    "activities": [
                        log.activity_names[one] for one in variant.activities
                    ],
                    "count": variant.count,
                }
                for variant in variants[:SHOWN_VARIANTS]
            ],
        }
