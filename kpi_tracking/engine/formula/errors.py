"""Reasons to refuse a formula, in words for the KPI's owner."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .texts import Text, _lt, sentences


class FormulaError(ValueError):
    """A formula that cannot be used: what is wrong, where, what to do.

    As a string it is English; ``translate_with`` says it in the reader's language.
    """

    def __init__(
        self,
        text: Text,
        column: int | None = None,
        line: int = 1,
        hints: Sequence[Text] = (),
    ) -> None:
        """
        :param column: position in the line, from 1; None for all of a formula
        :param line: line of the formula, from 1
        :param hints: further sentences that help
        """
        self.texts = (text, *hints)
        self.column = column
        self.line = line
        self.message = sentences(self.texts)
        super().__init__(self.translate_with(str))

    def translate_with(
        self, translate: Callable[[str], str], *, has_lines: bool = False
    ) -> str:
        """Position and message in another language.

        :param translate: gives a template in that language, placeholders unchanged
        :param has_lines: the formula has several: name also the first
        """
        message = sentences(self.texts, translate)
        if self.column is None:
            return message
        position = {"line": self.line, "column": self.column, "message": message}
        if has_lines or self.line > 1:
            text = _lt("Line %(line)s, column %(column)s: %(message)s", **position)
        else:
            text = _lt("Column %(column)s: %(message)s", **position)
        return text.translate_with(translate)


class CycleError(FormulaError):
    """Formulas that need one another: none of them can be computed first."""

    def __init__(
        self, path: tuple[str, ...], column: int | None = None, line: int = 1
    ) -> None:
        """
        :param path: the codes along the cycle, the first one again at the end
        """
        self.path = path
        super().__init__(
            _lt(
                "These KPIs depend on each other: %(path)s. Remove one of them "
                "from the formula of another.",
                path=" → ".join(path),
            ),
            column,
            line,
        )
