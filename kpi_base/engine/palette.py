"""Colours by meaning where no style sheet reaches: drawings, files and mails.

On screens the one source is ``static/src/eager/palette/`` of kpi_tracking, which takes
the colours of Odoo's own theme, light or dark: Python cannot ask a style sheet, and a
mail, a PDF or a picture has none. A test compares the two.
"""

# Of areas, lines and shapes: as Odoo's light theme has them.
FILLS = {
    "success": "#28a745",
    "warning": "#ffac00",
    "danger": "#dc3545",
    "info": "#17a2b8",
    "muted": "#6c757d",
}
# Of words and thin signs on white: dark enough to be read (contrast above 5).
TEXTS = {"success": "#28744a", "warning": "#8a5a00", "danger": "#a32a2a"}
INK, FAINT = "#212529", "#5f6770"  # of words
RULE, LINE, TRACK, AXIS = "#ced4da", "#dee2e6", "#e9ecef", "#495057"
PAPER, DESK = "#ffffff", "#f4f5f7"
BUTTON, NOTICE = "#714b67", "#fff3cd"
# Distinct for colour-blind people (Okabe & Ito 2008), and a grey for the rest.
SERIES = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442",
    "#595959",
)  # fmt: skip
