"""Kinds of fields of initiatives, their benefits and reviews."""

from functools import partial

from odoo import fields

# Somebody who works in the record's company.
Colleague = partial(
    fields.Many2one,
    "res.users",
    ondelete="restrict",
    domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
)
# Set by methods only.
Status = partial(
    fields.Selection,
    required=True,
    readonly=True,
    copy=False,
    index=True,
    tracking=True,
)
# All that something was worked out from, archived or not.
Origins = partial(
    fields.Many2many,
    readonly=True,
    copy=False,
    ondelete="restrict",
    context={"active_test": False},
    exportable=False,
)
