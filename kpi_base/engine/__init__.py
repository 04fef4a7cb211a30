"""Pure Python that knows neither Odoo nor KPIs: plain values in, plain values out.

What needs a record, a setting or the clock belongs to ``models/``.
"""
