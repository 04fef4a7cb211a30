"""Arithmetic of benefits: plain values in, plain values out; no Odoo, no clock."""
