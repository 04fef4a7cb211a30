"""Share of a change that is due to an initiative, as the SQL of months works it out."""


def difference_in_differences(
    before: float, after: float, control_before: float, control_after: float
) -> float:
    """Change of what was treated less the change of what was not (Card & Krueger 1994).

    NaN where one of the four is.
    """
    return (after - before) - (control_after - control_before)
