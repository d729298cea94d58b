"""The sandbox's tables, of parameters and of what can be expanded, are the published ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from finances.sandbox.api.expandable import EXPANDABLE, NOTHING
from finances.sandbox.engine.rendering import ONLY_EXPANDED
from tests.finances.sandbox import specification
from tests.finances.sandbox.conftest import LISTS, Json


def published(schema: Json, path: str = "") -> Iterator[tuple[str, set[str]]]:
    """The paths that the specification says can be expanded, each with the types that it leads to."""
    known = specification.schemas()
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if "x-resourceId" in known[name] or name in ("discount", "line_item", "credit_note_line_item"):
            yield path, {name}
            return
        schema = known[name]
    if "x-expansionResources" in schema:
        yield path, {each["$ref"].rpartition("/")[2] for each in schema["x-expansionResources"]["oneOf"]}
        return
    for each in schema.get("anyOf", ()):
        yield from published(each, path)
    if "items" in schema:
        yield from published(schema["items"], path)
    properties = schema.get("properties", {})
    if properties.get("object", {}).get("enum") == ["list"]:
        yield from published(properties["data"], f"{path}.data")
        return
    for name, each in properties.items():
        yield from published(each, f"{path}.{name}".lstrip("."))


@pytest.mark.parametrize("kind", EXPANDABLE)
def test_what_can_be_expanded_is_what_is_published(kind: str) -> None:
    schema = specification.schemas()[kind]
    expected: dict[str, set[str]] = {}
    for path, leads in published({name: value for name, value in schema.items() if name != "$ref"}):
        expected.setdefault(path, set()).update(each for each in leads if each in EXPANDABLE)

    ours = {path: set(leads.split("|")) - {NOTHING} for path, leads in EXPANDABLE[kind].items()}

    only_expanded = set(ONLY_EXPANDED.get(kind, ()))
    assert {path: leads for path, leads in ours.items() if path not in only_expanded} == {
        path: leads for path, leads in expected.items() if path not in only_expanded
    }
    assert only_expanded <= set(schema["x-expandableFields"])
    assert only_expanded.isdisjoint(schema.get("required", ()))


@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_the_published_parameters_and_no_others(path: str) -> None:
    taken = specification.parameters(specification.as_published(path))

    filters = LISTS[path].filters

    assert set(filters) | {"limit", "starting_after", "ending_before", "expand"} == set(taken)
    assert {name for name, each in filters.items() if each.required} == specification.required(
        specification.as_published(path)
    )
    for name, each in filters.items():
        schema = taken[name]
        assert list(each.choices) == schema.get("enum", []), name
        assert set(each.parts) == (set(schema.get("properties", ())) if each.how == "parts" else set()), name
        assert (each.how == "many") == (schema.get("type") == "array"), name
        assert (each.how == "flag") == (schema.get("type") == "boolean"), name
        assert (each.how == "range") == ("anyOf" in schema), name
