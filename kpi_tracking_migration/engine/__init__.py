"""What formulas and filters of the predecessor mean."""
