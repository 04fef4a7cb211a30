"""Texts of mistakes, for translators."""


def _lt(template: str) -> str:
    """A template; under this name Odoo collects it for its translators."""
    return template
