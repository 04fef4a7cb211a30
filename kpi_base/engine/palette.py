"""Colours by meaning where no style sheet reaches: drawings, files and mails.

On screens the one source is ``static/src/eager/tokens/tokens.scss``, light or dark:
Python cannot ask a style sheet, and a mail, a PDF or a picture has none. A test
compares the two.
"""

# Of areas, lines and shapes: as Odoo's light theme has them.
FILLS = {
    "success": "#28a745",
    "warning": "#ffac00",
    "danger": "#dc3545",
    "info": "#17a2b8",
    "muted": "#6c757d",
}
INK, FAINT = "#212529", "#5c636a"  # of words
# Of words and thin signs, and of the ground behind them: a contrast of at least 4.5.
TEXTS = {
    "success": "#1b7a35",
    "warning": "#8a5a00",
    "danger": "#b3202f",
    "info": "#0c5460",
    "muted": FAINT,
}
GROUNDS = {
    "success": "#dff3e4",
    "warning": "#fff1cf",
    "danger": "#fbe1e4",
    "info": "#d8eff3",
    "muted": "#eceef1",
}
LINE, TRACK, AXIS = "#dee2e6", "#e9ecef", "#495057"
PAPER, DESK = "#ffffff", "#f8f9fa"
BUTTON = "#714b67"
# Distinct for colour-blind people (Okabe & Ito 2008), and a grey for the rest.
SERIES = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442",
    "#595959",
)  # fmt: skip
