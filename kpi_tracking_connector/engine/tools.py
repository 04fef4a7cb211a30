"""What assistants may use of the REST interface, in words that no person here wrote."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tool:
    """A route as a tool.

    :param name: of the tool
    :param sentence: what it is for
    :param is_proposing: it asks people for a change, and changes nothing itself
    :param fields: of the items of a list, unless others are asked for: at most eight,
        as an assistant reads all that it gets
    """

    name: str
    sentence: str
    is_proposing: bool = False
    fields: tuple[str, ...] = ()


def _split(names: str) -> tuple[str, ...]:
    return tuple(names.split())


# Name of the operation in the description of the interface → tool.
TOOLS = {
    "list_reports": Tool(
        "list_kpis",
        "Find KPIs and their latest values, by name, code, status, department or"
        " person. Other tools take the id of a KPI as report_id. A value counts for its"
        " period only; while is_running is true, the period has not ended.",
        fields=_split(
            "id name status unit current_value current_period_start is_running"
            " target_value"
        ),
    ),
    "list_values": Tool(
        "get_values",
        "Values, targets and status of a KPI in a range of days. Longer periods are"
        " rolled up as the KPI declares: do not add up values yourself.",
        fields=_split(
            "period_start period_stop is_running value target achievement status"
            " version"
        ),
    ),
    "get_verdict": Tool(
        "get_verdict",
        "How a KPI stands so far in the period that runs, how that will probably end,"
        " and how the last one ended. Always say which period a figure is of.",
    ),
    "explain": Tool(
        "explain_value",
        "What a value of a KPI was computed from: records, formula or entry, and what"
        " it was before.",
    ),
    "explain_change": Tool(
        "explain_change",
        "Why a KPI changed between two periods: parts that add up to the change.",
    ),
    "get_forecast": Tool(
        "get_forecast",
        "What a KPI will probably come to in its running period and those after it,"
        " with limits and the chance of its target.",
    ),
    "get_trend": Tool(
        "get_trend",
        "Whether a KPI rises or falls over its closed periods, and how surely.",
    ),
    "get_anomalies": Tool(
        "list_unusual_values",
        "Values of a KPI that are out of the ordinary, newest first.",
        fields=_split("id kind state period_start value expected score description"),
    ),
    "alerts": Tool(
        "list_alerts",
        "Alerts of KPIs, the newest first: what broke a rule, since when, and what"
        " people said of it.",
        fields=_split("id report severity message opened_at state value assignee"),
    ),
    "ask": Tool(
        "ask",
        "Ask about KPIs in a sentence in English, German, French or Spanish. The answer"
        " names the KPI and the period that were understood.",
    ),
    "list_versions": Tool(
        "list_versions",
        "How a KPI is computed, and was before, from which day on and why. It takes the"
        " id of the KPI's definition.",
    ),
    "list_scorecards": Tool(
        "list_scorecards",
        "Find scorecards, and the figure that each adds up to.",
        fields=_split("id name code company department owner achievement status"),
    ),
    "list_scorecard_lines": Tool(
        "list_scorecard_lines", "The KPIs of a scorecard, their weights and status."
    ),
    "summary": Tool(
        "summarize_person",
        "The KPIs of a person and how many are on target. It takes the id of the user.",
        fields=_split(
            "id name status unit current_value current_period_start is_running"
            " target_value"
        ),
    ),
    "create_target": Tool(
        "propose_target",
        "Propose a target of a KPI from a day on. People approve it before it applies;"
        " where targets need no approval, nothing can be proposed.",
        is_proposing=True,
    ),
}
