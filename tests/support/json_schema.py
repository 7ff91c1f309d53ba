"""The JSON export's form, as a JSON Schema (draft 2020-12): nothing may be missing, and nothing else be there."""

from __future__ import annotations

__all__ = ["SCHEMA"]


def _object(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(of: object) -> dict[str, object]:
    return {"type": "array", "items": of}


_TEXT = {"type": "string"}
_PERHAPS_TEXT = {"type": ["string", "null"]}
_WHOLE = {"type": "integer"}
_PERHAPS_NUMBER = {"type": ["number", "null"]}
_ID = {"type": "string", "pattern": "^n[0-9]+$"}
_VALUE = {"$ref": "#/$defs/value"}

_NUMBER = {"anyOf": [{"type": ["number", "boolean", "null"]}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}
_SUMMARY = _object(
    shape=_list(_WHOLE),
    min=_PERHAPS_NUMBER,
    max=_PERHAPS_NUMBER,
    mean=_PERHAPS_NUMBER,
    norm=_PERHAPS_NUMBER,
    nan=_WHOLE,
    inf=_WHOLE,
)
_COMPLEX = _object(real=_VALUE, imag=_VALUE)
_NODE = _object(
    id=_ID,
    kind={"enum": ["input", "parameter", "constant", "op"]},
    op=_TEXT,
    symbol=_TEXT,
    name=_PERHAPS_TEXT,
    value=_VALUE,
    gradient=_VALUE,
    role=_PERHAPS_TEXT,
    shape=_list(_WHOLE),
    dtype=_TEXT,
    scope=_list(_TEXT),
    source={"anyOf": [{"type": "null"}, _object(file=_TEXT, line={"type": ["integer", "null"]}, code=_PERHAPS_TEXT)]},
)
_EDGE = _object(
    source=_ID,
    target=_ID,
    position=_WHOLE,
    value=_VALUE,
    upstream=_VALUE,
    local=_VALUE,
    downstream=_VALUE,
    rule=_TEXT,
)

SCHEMA: dict[str, object] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {"value": {"anyOf": [_NUMBER, _SUMMARY, _COMPLEX, _list(_VALUE)]}},
    **_object(
        format={"const": "gradviz-graph"},
        version={"const": 1},
        output={"anyOf": [_ID, _list(_ID)]},
        nodes=_list(_NODE),
        edges=_list(_EDGE),
    ),
}
