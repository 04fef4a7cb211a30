"""KPIs that people enter, and one that another system hands over."""

from .kpi import DESKS, Kpi


def manual_values(**values):
    return {"computation": "manual", **values}


ENTERED_KPIS = (
    Kpi(
        "customer_satisfaction",
        "Customer Satisfaction",
        "Support",
        "Average answer of the monthly survey, from 1 to 10.",
        manual_values(
            unit="score",
            decimals=1,
            has_entry_approval=True,
            zones="five",
            threshold_1=95.0,
            threshold_2=80.0,
            threshold_3=70.0,
            threshold_4=50.0,
        ),
        departments=DESKS,
        ambition=0.04,
        tags=("Board",),
    ),
    Kpi(
        "sick_leave_rate",
        "Sick Leave Rate",
        "People",
        "Share of the working days lost to illness.",
        manual_values(unit="percent", decimals=1, direction="lower"),
        ambition=0.1,
    ),
    Kpi(
        "employee_pulse",
        "Employee Pulse",
        "People",
        "Answer to “I would recommend us as an employer”, from 1 to 5, each quarter.",
        manual_values(unit="score", decimals=1, frequency="quarter"),
        ambition=0.05,
    ),
    Kpi(
        "marketing_spend",
        "Marketing Spend",
        "Marketing",
        "Cost of campaigns and fairs, in euro.",
        manual_values(unit="currency", direction="lower"),
        ambition=None,
    ),
    Kpi(
        "marketing_budget",
        "Marketing Budget",
        "Marketing",
        "Budget for campaigns and trade fairs, agreed before the year begins.",
        manual_values(unit="currency"),
        ambition=None,
    ),
    Kpi(
        "utilisation",
        "Utilisation",
        "Delivery",
        "Share of working time spent on customer projects. Too high leaves no "
        "time for training.",
        manual_values(unit="percent", decimals=1, direction="range"),
        companies=(),
        departments=("de_delivery", "us_delivery"),
        goal=(72.0, 85.0),
    ),
    Kpi(
        "safety_walk",
        "Safety Walk Done",
        "Delivery",
        "Whether the monthly safety walk took place.",
        manual_values(unit="boolean"),
        companies=(),
        departments=("de_install",),
        ambition=None,
    ),
    Kpi(
        "forecast_accuracy",
        "Forecast Accuracy",
        "Sales",
        "How close the monthly forecast came to actual orders.",
        manual_values(unit="percent", decimals=1),
        companies=(),
        departments=("de_sales",),
        people=("de_field",),
        ambition=0.05,
    ),
    Kpi(
        "website_visits",
        "Website Visits",
        "Marketing",
        "Provided by the website's analytics.",
        {"computation": "external"},
        ambition=0.1,
    ),
)
