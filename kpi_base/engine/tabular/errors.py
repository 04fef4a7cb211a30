"""Reasons to refuse a file or a cell of it, in words for whoever sent it."""

from ..fault import Fault


class TableFault(Fault):
    """Something that cannot be read."""


class TabularError(TableFault):
    """A file that cannot be read."""


class CellError(TableFault):
    """A cell that does not hold what its column should."""
