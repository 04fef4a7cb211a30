"""Compiles the KPIs of one source into SQL: records, measures, scopes."""

from .statement import SourceStatement
