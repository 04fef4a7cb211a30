"""One SELECT for all KPIs on a table of a warehouse, and the engines that run it."""
