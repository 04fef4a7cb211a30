"""What a formula can be refused for, in words for the KPI's owner."""

from __future__ import annotations


class FormulaError(ValueError):
    """A formula that cannot be used: what is wrong, where, what to do.

    The text is kept as a template with its parameters, so that a caller can
    translate it.
    """

    def __init__(
        self,
        template: str,
        column: int | None = None,
        line: int = 1,
        **parameters: object,
    ) -> None:
        """
        :param template: English text with ``%(name)s`` places
        :param column: place in the line, from 1; None for a whole formula
        :param line: line of the text, from 1
        :param parameters: what the places of the template are filled with
        """
        self.template = template
        self.parameters = parameters
        self.column = column
        self.line = line
        self.message = template % parameters if parameters else template
        super().__init__(self._located())

    def _located(self) -> str:
        if self.column is None:
            return self.message
        place = f"Line {self.line}, column" if self.line > 1 else "Column"
        return f"{place} {self.column}: {self.message}"


class CycleError(FormulaError):
    """Formulas that need one another: none of them can be computed first."""

    def __init__(self, path: tuple[str, ...]) -> None:
        """
        :param path: the codes along the cycle, the first one again at the end
        """
        self.path = path
        super().__init__(
            "These KPIs need one another: %(path)s. Take one of them out of the "
            "formula of another.",
            path=" → ".join(path),
        )
