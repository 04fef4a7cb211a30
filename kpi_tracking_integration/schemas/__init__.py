"""What the REST routes of this addon take and give."""
