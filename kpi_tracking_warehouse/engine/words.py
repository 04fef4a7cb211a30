"""Texts of the pure code for people, which the models say in their language."""


def _lt(template: str) -> str:
    """A template; under this name Odoo collects it for its translators."""
    return template
