"""Field masks: what of an answer is wanted, and what of a resource a request may change.

A mask is a tree: names to subtrees, an empty subtree means everything below. `*` is any name.
Source: google.protobuf.FieldMask and the `fields` system parameter of Google APIs.
"""

import copy
import re
from typing import Any, TypeAlias

Mask: TypeAlias = dict[str, "Mask"]

_TOKEN = re.compile(r"\s*([A-Za-z0-9_*]+|[(),./])")


class BadMask(ValueError):
    """The text of a mask cannot be read; `path` is the piece at fault."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def parse_mask(text: str) -> Mask:
    """Return the tree of `a,b.c,d(e,f/g)`.

    Raises:
        BadMask: the text is not a mask.
    """
    tokens = _tokens(text)
    tree: Mask = {}
    rest = _read_list(tokens, tree)
    if rest:
        raise BadMask(text)
    return tree


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    stripped = text.strip()
    while at < len(stripped):
        token = _TOKEN.match(stripped, at)
        if not token:
            raise BadMask(text)
        found.append(token[1])
        at = token.end()
    return found


def _read_list(tokens: list[str], tree: Mask) -> list[str]:
    while tokens:
        tokens = _read_path(tokens, tree)
        if not tokens or tokens[0] != ",":
            return tokens
        tokens = tokens[1:]
    return tokens


def _read_path(tokens: list[str], tree: Mask) -> list[str]:
    name, tokens = _camel(tokens[0]), tokens[1:]
    if name in "(),./":
        raise BadMask(name)
    fresh = name not in tree
    below = tree.setdefault(name, {})
    if tokens and tokens[0] in "./":
        return _read_path(tokens[1:], below) if len(tokens) > 1 else _refuse(name)
    if tokens and tokens[0] == "(":
        rest = _read_list(tokens[1:], below)
        return rest[1:] if rest and rest[0] == ")" else _refuse(name)
    if not fresh:
        below.clear()
    return tokens


def _refuse(name: str) -> list[str]:
    raise BadMask(name)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest) if head else name


def project(value: Any, mask: Mask) -> Any:
    """Return the part of a JSON value that a mask lets through; lists are masked item by item."""
    if not mask or "*" in mask:
        below = mask.get("*") if mask else None
        return value if not below else _each(value, below)
    if isinstance(value, list):
        return [project(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: project(item, mask[name]) for name, item in value.items() if name in mask}


def _each(value: Any, below: Mask) -> Any:
    if isinstance(value, list):
        return [_each(item, below) for item in value]
    if isinstance(value, dict):
        return {name: project(item, below) for name, item in value.items()}
    return value


def wants(mask: Mask, *path: str) -> bool:
    """Tell whether a mask lets through anything at the path; an empty mask lets all through."""
    tree = mask
    for name in path:
        if not tree or "*" in tree:
            return True
        if name not in tree:
            return False
        tree = tree[name]
    return True


def with_twins(mask: Mask) -> Mask:
    """Return the mask where a colour and its ColorStyle twin are always named together."""
    grown: Mask = {}
    for name, below in mask.items():
        deeper = with_twins(below)
        grown[name] = deeper
        if name.endswith(("Color", "color")):
            grown.setdefault(f"{name}Style", {})
        elif name.endswith(("ColorStyle", "colorStyle")):
            grown.setdefault(name.removesuffix("Style"), {})
    return grown


def assign(target: dict[str, Any], source: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """Return target with the masked fields taken from source; one that source lacks is removed."""
    if not mask or "*" in mask:
        return copy.deepcopy(source)
    changed = dict(target)
    for name, below in mask.items():
        if below and isinstance(target.get(name, {}), dict):
            merged = assign(target.get(name, {}), source.get(name, {}), below)
            _set(changed, name, merged or None)
        else:
            _set(changed, name, copy.deepcopy(source.get(name)))
    return changed


def _set(target: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        target.pop(name, None)
    else:
        target[name] = value
