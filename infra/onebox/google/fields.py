"""The `fields` parameter of a request, checked against what the method can answer."""

from onebox.google.methods import Json, schemas
from onebox.google.sheets.masks import BadMask, Mask, parse_mask


class UnknownFieldsError(ValueError):
    """The parameter is not a mask or names what the answer does not have; `path` is the piece."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def answer_fields(text: str, service: str, schema: str) -> Mask:
    """Return the tree of a `fields` parameter; an empty text lets everything through.

    Args:
        text: such as `files(id,name),nextPageToken`.
        service: whose schema.
        schema: name of the schema of the answer.

    Raises:
        UnknownFieldsError: with the first path that is not in the schema.
    """
    try:
        tree = parse_mask(text)
    except BadMask as unreadable:
        raise UnknownFieldsError(unreadable.path) from unreadable
    stray = _stray(tree, {"$ref": schema}, schemas(service))
    if stray:
        raise UnknownFieldsError(stray)
    return tree


def _stray(tree: Mask, spec: Json, known: Json) -> str:
    kind = known[spec["$ref"]] if "$ref" in spec else spec
    if kind.get("type") == "array":
        return _stray(tree, kind["items"], known)
    properties = kind.get("properties", {})
    if not properties:
        return ""
    for name, below in tree.items():
        if name != "*" and name not in properties:
            return name
        deeper = _stray(below, properties[name], known) if below and name != "*" else ""
        if deeper:
            return f"{name}/{deeper}"
    return ""
