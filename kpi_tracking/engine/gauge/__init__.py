"""Gauges without a screen: where the ends, ticks and zones of their scales lie.

What is drawn of it in the browser is in ``static/src/screens/gauge``; pictures are not
here.
"""
