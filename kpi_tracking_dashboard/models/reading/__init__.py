"""The KPIs that a person sees in tiles, and their numbers, by a fixed number of
statements. No models: plain values that tiles are drawn from.
"""
