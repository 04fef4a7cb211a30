"""Tables of HTML fields: what clocks counted, what was corrected, what dialogs say."""

from itertools import chain

from markupsafe import Markup, escape


def write_table(heads, rows, *, classes=(), is_named=False, active=None, foot=()):
    """An HTML table.

    :param rows: texts of the cells of each
    :param classes: of each column
    :param is_named: whether the first column names the rows
    :param active: place of the row that is told apart
    :param foot: what stands below all columns but the last, and below the last
    """
    css = [one and f" class='{one}'" for one in classes] or [""] * len(heads)
    names = "".join(f"<th scope='col'{one}>%s</th>" for one in css)
    cells = "".join(f"<td{one}>%s</td>" for one in css)
    if is_named:
        cells = cells.replace("<td", "<th scope='row'", 1).replace("</td", "</th", 1)
    lines = [f"<tr>{cells}</tr>"] * len(rows)
    if active is not None:
        lines[active] = f"<tr class='table-active'>{cells}</tr>"
    below = ""
    if foot:
        below = f"<tfoot><tr><th colspan='{len(heads) - 1}'>%s</th>"
        below += f"<th{css[-1]}>%s</th></tr></tfoot>"
    style = "mb-0" if is_named else "table-sm"
    table = f"<table class='table {style}'><thead><tr>{names}</tr></thead>"
    table += f"<tbody>{''.join(lines)}</tbody>{below}</table>"
    # Markup's own ``%`` takes several times as long for tables of many cells.
    return Markup(table % (*map(escape, chain(heads, *rows, foot)),))
