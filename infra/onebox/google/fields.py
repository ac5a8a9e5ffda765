"""Partial answers: the `fields` parameter that every Google API understands.

Source: "Performance tips: partial response" of Google's API guides: commas between fields, `a/b`
or `a.b` for a field inside a field, `a(b,c)` for several, `*` for all.
"""

import re
from typing import Any, TypeAlias

Tree: TypeAlias = dict[str, "Tree"]

_TOKEN = re.compile(r"\s*([A-Za-z0-9_*\-]+|[(),/.])\s*")
_DEEPER = ("/", ".")


class UnreadableFieldsError(ValueError):
    """The mask is not in the grammar, or names a field that the answer cannot have."""


def parse(mask: str) -> Tree:
    """Return the mask as a tree; a leaf is an empty tree and means the whole field.

    Raises:
        UnreadableFieldsError: with the part that could not be read.
    """
    tokens = _tokens(mask)
    tree, rest = _list(tokens)
    if rest or not tree:
        raise UnreadableFieldsError(rest[0] if rest else mask)
    return tree


def select(value: Any, tree: Tree) -> Any:
    """Return the value with only the fields of the tree; lists are treated item by item."""
    if not tree:
        return value
    if isinstance(value, list):
        return [select(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    if "*" in tree:
        chosen = {key: tree.get(key, tree["*"]) for key in value}
    else:
        chosen = {key: tree[key] for key in value if key in tree}
    return {key: select(value[key], branch) for key, branch in chosen.items()}


def refuse_unknown(tree: Tree, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Check a mask against the schema of the answer.

    Raises:
        UnreadableFieldsError: with the first path that the schema does not have.
    """
    resolved = schemas[schema["$ref"]] if "$ref" in schema else schema
    if resolved.get("type") == "array":
        refuse_unknown(tree, resolved["items"], schemas)
        return
    if "additionalProperties" in resolved:
        return
    known = resolved.get("properties", {})
    for name, branch in tree.items():
        if name == "*":
            continue
        if name not in known:
            raise UnreadableFieldsError(name)
        refuse_unknown(branch, known[name], schemas)


def _tokens(mask: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(mask):
        match = _TOKEN.match(mask, position)
        if match is None:
            raise UnreadableFieldsError(mask[position:])
        tokens.append(match[1])
        position = match.end()
    return tokens


def _list(tokens: list[str]) -> tuple[Tree, list[str]]:
    tree: Tree = {}
    while True:
        tokens = _path(tree, tokens)
        if not tokens or tokens[0] != ",":
            return tree, tokens
        tokens = tokens[1:]


def _path(tree: Tree, tokens: list[str]) -> list[str]:
    if not tokens or tokens[0] in "(),/.":
        raise UnreadableFieldsError(tokens[0] if tokens else "")
    branch = tree.setdefault(tokens[0], {})
    tokens = tokens[1:]
    if tokens and tokens[0] in _DEEPER:
        return _path(branch, tokens[1:])
    if tokens and tokens[0] == "(":
        inner, tokens = _list(tokens[1:])
        if not tokens or tokens[0] != ")":
            raise UnreadableFieldsError("(")
        branch.update(inner)
        return tokens[1:]
    return tokens
