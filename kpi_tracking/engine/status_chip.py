"""What a status looks like: its word, its color and its icon, on screens and on paper.

The chips of screens read the same table in ``static/src/eager/status_chip``, which a
test compares with this one.
"""

from dataclasses import dataclass

from odoo.addons.kpi_base.engine import palette

ICON_SIZE = 12.0  # of the box that the paths are drawn in
# One shape with its sign cut out (even-odd): without colors and grounds it is read too.
CHECK = (
    "M6 0.4a5.6 5.6 0 1 0 0 11.2a5.6 5.6 0 1 0 0-11.2z"
    "M2.9 6.6L4.1 5.4L5.3 6.7L8.1 3.6L9.3 4.7L5.3 8.9z"
)
ALERT = "M6 0.8L11.6 11.2H0.4zM5.3 4.3V7.8H6.7V4.3zM5.3 8.7V10.1H6.7V8.7z"
CROSS = (
    "M6 0.4a5.6 5.6 0 1 0 0 11.2a5.6 5.6 0 1 0 0-11.2z"
    "M6 4.9L7.7 3.1L8.9 4.3L7.1 6L8.9 7.7L7.7 8.9L6 7.1L4.3 8.9L3.1 7.7L4.9 6"
    "L3.1 4.3L4.3 3.1z"
)
RING = (
    "M6 0.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z"
    "M6 1.9a4.1 4.1 0 1 1 0 8.2a4.1 4.1 0 1 1 0-8.2z"
)


@dataclass(frozen=True)
class StatusLook:
    """What the chip of a status shows.

    :param word: in English; fields and screens translate it
    :param tone: name of its color
    :param path: its icon, as SVG has it
    :param sign: its icon where only letters are, as in an email
    """

    word: str
    tone: str
    path: str
    sign: str

    @property
    def color(self) -> str:
        """Of word and icon, on paper."""
        return palette.TEXTS[self.tone]

    @property
    def ground(self) -> str:
        """Behind them, on paper."""
        return palette.GROUNDS[self.tone]


STATUS_LOOKS = {
    "on_target": StatusLook("On track", "success", CHECK, "✓"),
    "at_risk": StatusLook("At risk", "warning", ALERT, "▲"),
    "off_target": StatusLook("Off track", "danger", CROSS, "✕"),
    "likely_miss": StatusLook("Likely to miss", "warning", ALERT, "▲"),
    "not_due": StatusLook("Not due yet", "muted", RING, "○"),
    "no_target": StatusLook("No target", "muted", RING, "○"),
    "no_data": StatusLook("No data", "muted", RING, "○"),
}
# The look of a tone: of zones of gauges, and where only that is known.
TONE_LOOKS = {
    "success": STATUS_LOOKS["on_target"],
    "warning": STATUS_LOOKS["at_risk"],
    "danger": STATUS_LOOKS["off_target"],
    "info": StatusLook("Blue zone", "info", RING, "○"),
    "muted": StatusLook("Gray zone", "muted", RING, "○"),
}
