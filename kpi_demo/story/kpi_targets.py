"""Targets: agreed twice from what was reached before, so that some are missed."""

AGREEMENTS = (  # first and last month looked back at, month from which it is valid
    (-18, -13, -12),
    (-12, -6, -5),
)
PLANNED_GROWTH = {
    "de": 0.05,
    "us": 0.16,
}  # of what adds up, from half-year to half-year
NOTE = "Based on the results of the previous half-year."


def set_targets(story, kpis):
    values = []
    for kpi in kpis:
        reports = story[f"kpi_{kpi.code}"].report_ids.sorted("id")
        if kpi.goal:
            values += [_range_values(story, kpi, report) for report in reports]
        elif kpi.ambition is not None:
            rng = story.rng(f"targets {kpi.code}")
            means = _means(story, reports)
            for report in reports:
                values += _prepare_target_values(story, rng, kpi, report, means)
    story.env["kpi.target"].create(values)


def _range_values(story, kpi, report):
    low, high = kpi.goal
    return {
        "report_id": report.id,
        "date_from": story.timeline.start,
        "range_low": low,
        "range_high": high,
    }


def _means(story, reports):
    """(report, valid from) → mean of the values in the months looked back at."""
    means = {}
    for first, last, valid in AGREEMENTS:
        groups = story.env["kpi.measurement"]._read_group(
            [
                ("report_id", "in", reports.ids),
                ("grain", "=", reports.definition_id.frequency),
                ("period_start", ">=", story.timeline.month_start(first)),
                ("period_start", "<", story.timeline.month_start(last + 1)),
            ],
            ["report_id"],
            ["value:avg"],
        )
        for report, mean in groups:
            means[report, valid] = mean
    return means


def _prepare_target_values(story, rng, kpi, report, means):
    """A target per agreement, each asking for more than was reached before it."""
    lower = report.direction == "lower"
    first_mean = None
    for _first, _last, valid in AGREEMENTS:
        mean = means.get((report, valid))
        change = kpi.ambition * rng.uniform(0.0, 2.0) + _growth(story, report)
        if mean:
            first_mean = first_mean or mean
            target = mean * (1 - change if lower else 1 + change)
            # How much faster than at first: by that waiting times are judged.
            has_baseline = report.unit == "duration" and first_mean > target
            yield {
                "report_id": report.id,
                "date_from": story.timeline.month_start(valid),
                "value": _round_target(target, report),
                "stretch": _round_target(target * (0.95 if lower else 1.05), report),
                "has_baseline": has_baseline,
                "baseline": _round_target(first_mean, report) if has_baseline else 0.0,
                "note": NOTE,
            }


def _growth(story, report):
    grows = report.definition_id.aggregation_time == "sum"
    if not grows or report.direction != "higher":
        return 0.0
    is_us = report.company_id == story["company_us"]
    return PLANNED_GROWTH["us" if is_us else "de"]


def _round_target(value, report):
    """Three digits that count, none finer than the KPI is read in, and not nothing.

    Nobody agrees on a target of 13,482.17, or of 2.6 orders.
    """
    return round(float(f"{value:.3g}"), report.decimals) or 0.1**report.decimals
