"""The shape of a service: its entity sets, as data and as CSDL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

NAMESPACE = "kpi"
EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
EDM = "http://docs.oasis-open.org/odata/ns/edm"
CHANGES = "Org.OData.Capabilities.V1.ChangeTracking"
ElementTree.register_namespace("edmx", EDMX)


@dataclass(frozen=True)
class EntitySet:
    """Rows of one kind.

    :param name: of the set; its type is the name of one of them
    :param type_name: name of one row's type
    :param key: columns that tell rows apart, by which they are ordered
    :param columns: name → type of Edm without its namespace, such as “Double”
    :param is_tracked: rows can be asked for that changed
    :param links: name → column, and the set in which its value is an “id”; the names
        are no columns in capitals, which many programs take for the same
    """

    name: str
    type_name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    is_tracked: bool = False
    links: Mapping[str, tuple[str, "EntitySet"]] = field(default_factory=dict)


def write_csdl(sets: Iterable[EntitySet]) -> bytes:
    """Describe the sets as CSDL, for ``$metadata``."""
    root = ElementTree.Element(f"{{{EDMX}}}Edmx", Version="4.0")
    services = ElementTree.SubElement(root, f"{{{EDMX}}}DataServices")
    schema = ElementTree.SubElement(services, "Schema", xmlns=EDM, Namespace=NAMESPACE)
    sets = list(sets)
    types = {each.name: f"{NAMESPACE}.{each.type_name}" for each in sets}
    for each in sets:
        entity = ElementTree.SubElement(schema, "EntityType", Name=each.type_name)
        key = ElementTree.SubElement(entity, "Key")
        for name in each.key:
            ElementTree.SubElement(key, "PropertyRef", Name=name)
        for name, kind in each.columns.items():
            shape = {"Name": name, "Type": f"Edm.{kind}"}
            if name in each.key:
                shape["Nullable"] = "false"
            ElementTree.SubElement(entity, "Property", shape)
        for name, (column, linked) in each.links.items():
            link = ElementTree.SubElement(
                entity, "NavigationProperty", Name=name, Type=types[linked.name]
            )
            ElementTree.SubElement(
                link,
                "ReferentialConstraint",
                Property=column,
                ReferencedProperty="id",
            )
    container = ElementTree.SubElement(schema, "EntityContainer", Name="Container")
    for each in sets:
        shown = ElementTree.SubElement(
            container, "EntitySet", Name=each.name, EntityType=types[each.name]
        )
        for name, (_column, linked) in each.links.items():
            ElementTree.SubElement(
                shown, "NavigationPropertyBinding", Path=name, Target=linked.name
            )
        if each.is_tracked:
            note = ElementTree.SubElement(shown, "Annotation", Term=CHANGES)
            record = ElementTree.SubElement(note, "Record")
            ElementTree.SubElement(
                record, "PropertyValue", Property="Supported", Bool="true"
            )
    return ElementTree.tostring(root, "utf-8", xml_declaration=True)
