"""What is taken out of a text before it is kept: keys that people paste by mistake; whose address it was."""

import re
from typing import Any


def without_keys(text: str) -> str:
    """`text` with each of Stripe's secret keys, restricted keys and signing secrets cut down to what it is."""
    return re.sub(r"((?:(?:[sr]k(?:_org)?|rkcs)_(?:test|live)|whsec)_)[A-Za-z0-9_+/=-]{6,}", r"\1…", text)


def without_emails(value: Any) -> Any:
    """A JSON value with each e-mail in its texts cut out."""
    match value:
        case str():
            return re.sub(r"[^\s@\"'<>(),;:=]+@[^\s@\"'<>(),;:=]+", "…", value)
        case dict():
            return {key: without_emails(each) for key, each in value.items()}
        case list() | tuple():
            return [without_emails(each) for each in value]
    return value
