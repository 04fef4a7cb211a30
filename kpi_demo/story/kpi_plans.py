"""Targets that follow from something else: last year, a budget, a total of the year."""

RULED_FROM = -3  # months ago; what was agreed before stays


def set_rules(story):
    story.env["kpi.target"].create(
        [
            *_budget_targets(story),
            *_growth_targets(story),
            *_annual_targets(story),
        ]
    )


def _budget_targets(story):
    """Set the budget as the target of what marketing spends."""
    budget = story["kpi_marketing_budget"]
    for report in story["kpi_marketing_spend"].report_ids:
        yield {
            "report_id": report.id,
            "date_from": story.timeline.month_start(-12),
            "rule": "kpi",
            "source_definition_id": budget.id,
            "note": "The budget agreed for the year.",
        }


def _growth_targets(story):
    """Visits are to grow from year to year."""
    for report in story["kpi_website_visits"].report_ids:
        yield {
            "report_id": report.id,
            "date_from": story.timeline.month_start(RULED_FROM),
            "rule": "previous_year",
            "change_percent": 12.0,
            "note": "12 % more than in the same month last year.",
        }


def _annual_targets(story):
    """Orders of the year, spread over its months as last year's were."""
    reports = story["kpi_order_count"].report_ids.filtered(
        lambda report: report.scope_type == "company"
    )
    means = story.env["kpi.measurement"]._read_group(
        [
            ("report_id", "in", reports.ids),
            ("grain", "=", reports.definition_id.frequency),
            ("period_start", ">=", story.timeline.month_start(-12)),
            ("period_start", "<", story.timeline.month_start(0)),
        ],
        ["report_id"],
        ["value:sum"],
    )
    for report, total in means:
        yield {
            "report_id": report.id,
            "date_from": story.timeline.month_start(RULED_FROM),
            "rule": "annual",
            "annual_total": round(total * 1.08, -1),
            "note": "Agreed for the full year.",
        }
