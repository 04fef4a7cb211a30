"""What integrations work with, without Odoo."""
