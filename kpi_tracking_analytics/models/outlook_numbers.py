PERCENT = 100
# Fields of ``kpi.predictive.point`` and ``kpi.predictive.total``, in this order.
NUMBERS = (
    "value",
    "low_80",
    "high_80",
    "low_95",
    "high_95",
    "achievement",
    "target_probability",
)


def get_numbers(outlook):
    """What is said of coming periods, by field."""
    columns = (
        outlook.mean,
        outlook.low_80,
        outlook.high_80,
        outlook.low_95,
        outlook.high_95,
        outlook.achievements,
        PERCENT * outlook.probabilities,
    )
    return dict(zip(NUMBERS, columns, strict=True))
