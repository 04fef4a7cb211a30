"""A dashboard out of the browser: its tiles as pictures, tables and texts.

Reads what ``kpi.dashboard.data`` answers; texts come out in the reader's language.
"""
