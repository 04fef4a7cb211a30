"""The shape of a service: its entity sets, as data and as CSDL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    """

    name: str
    type_name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    is_tracked: bool = False


def write_csdl(sets: Iterable[EntitySet]) -> bytes:
    """Describe the sets as CSDL, for ``$metadata``."""
    root = ElementTree.Element(f"{{{EDMX}}}Edmx", Version="4.0")
    services = ElementTree.SubElement(root, f"{{{EDMX}}}DataServices")
    schema = ElementTree.SubElement(services, "Schema", xmlns=EDM, Namespace=NAMESPACE)
    sets = list(sets)
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
    container = ElementTree.SubElement(schema, "EntityContainer", Name="Container")
    for each in sets:
        kind = f"{NAMESPACE}.{each.type_name}"
        shown = ElementTree.SubElement(
            container, "EntitySet", Name=each.name, EntityType=kind
        )
        if each.is_tracked:
            note = ElementTree.SubElement(shown, "Annotation", Term=CHANGES)
            record = ElementTree.SubElement(note, "Record")
            ElementTree.SubElement(
                record, "PropertyValue", Property="Supported", Bool="true"
            )
    return ElementTree.tostring(root, "utf-8", xml_declaration=True)
