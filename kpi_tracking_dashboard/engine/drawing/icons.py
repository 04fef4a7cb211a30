"""Shapes of a status: told apart without colours, and in fonts that lack them."""

from odoo.addons.kpi_base.engine import palette

from .svg import PRINT, Colors, element

SIZE = 10.0
TICK, CROSS = "M2.4 5.2L4.4 7.2L7.8 3.2", "M3.1 3.1L6.9 6.9M6.9 3.1L3.1 6.9"
TRIANGLE = "M5 0.6L9.8 9.4H0.2Z"
LINES = {"success": TICK, "danger": CROSS, "info": "M5 4.4V7.6M5 2.6V2.7"}


def status_icon(
    tone: str, left: float, top: float, size: float = SIZE, colors: Colors = PRINT
) -> str:
    """A tick, a triangle, a cross, or a ring where nothing is told."""
    color = getattr(colors, tone or "muted")
    line = {"fill": "none", "stroke": palette.PAPER, "stroke_width": 1.4}
    if tone == "warning":
        shapes = [
            element("path", d=TRIANGLE, fill=color),
            element("path", d="M5 3.6V6.2M5 7.8V7.9", **line),
        ]
    elif tone in LINES:
        shapes = [
            element("circle", cx=5, cy=5, r=5, fill=color),
            element("path", d=LINES[tone], **line),
        ]
    else:
        ring = {"fill": "none", "stroke": color, "stroke_width": 1.4}
        shapes = [element("circle", cx=5, cy=5, r=4.2, **ring)]
    box = {"x": left, "y": top, "width": size, "height": size}
    return element("svg", *shapes, **box, viewBox=f"0 0 {SIZE:g} {SIZE:g}")
