"""What leads to what: benefits, what they need and what they bring nearer."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from odoo.addons.kpi_base.schemas import base

NodeKind = Literal["enabler", "change", "objective"]


class NodeOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.benefit.node",
        "name kind initiative company description",
        {"initiative": "null: an objective of the company"},
    )


class NodeChange(base.Body):
    name: base.Name | None = None
    description: base.Text | None = None


class NodeIn(NodeChange):
    name: base.Name
    kind: NodeKind = "change"
    initiative_id: base.Id | None = Field(
        None, description="Of an enabler or a change; an objective has none"
    )


class LinkOut(base.Row):
    of: ClassVar = base.Fields(
        "kpi.benefit.link",
        "source_node source_benefit target_node target_benefit source_status company"
        " note",
        {
            "source_benefit": "Needed for what it leads to",
            "source_status": "Status of the benefit that is needed",
            "note": "Why",
        },
    )


class LinkChange(base.Body):
    note: base.Name | None = Field(None, description="Why")


class LinkIn(LinkChange):
    source_node_id: base.Id | None = None
    source_benefit_id: base.Id | None = Field(None, description="Benefit needed")
    target_node_id: base.Id | None = None
    target_benefit_id: base.Id | None = Field(None, description="Benefit that needs it")

    @model_validator(mode="after")
    def _has_two_ends(self) -> "LinkIn":
        for side in ("source", "target"):
            ends = (f"{side}_node_id", f"{side}_benefit_id")
            if sum(getattr(self, name) is not None for name in ends) != 1:
                raise ValueError(f"{ends[0]}, {ends[1]}: name one of them")
        return self
