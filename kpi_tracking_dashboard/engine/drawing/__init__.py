"""What a dashboard shows, as SVG without a browser: for mail, PDF, PNG and print.

Numbers come formatted, as texts; only their places are computed here.
"""
