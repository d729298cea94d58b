"""Every message in Python stands where makemessages finds it, and is in the language that the settings name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from finances.stripe_problems import StripeUnreachable
from tests.dashboard.pseudo_locale import OPEN, bracketed

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for room in ("dashboard", "finances") for path in sorted((ROOT / room).rglob("*.py"))]
MARKED = "gettext_noop"
"""Where it is imported, a name may stand in the call: what it names is marked beside it."""


def unseen(source: str) -> list[str]:
    """Calls whose message xgettext cannot read: in an f-string, or not written in the call."""
    tree = ast.parse(source)
    if not (names := dict(_imported(tree))):
        return []
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    found = []
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names):
            continue
        written = call.args[: names[call.func.id]]
        literal = all(isinstance(each, ast.Constant) for each in written)
        if id(call) in inside or not (literal or MARKED in names):
            found.append(f"{call.lineno}: {ast.unparse(call)}")
    return found


def _imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Names under which functions of gettext are called -> how many of the arguments have to be literals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            for each in node.names:
                if "gettext" in each.name:
                    prefix = each.name.partition("gettext")[0]
                    yield each.asname or each.name, 1 + ("n" in prefix) + ("p" in prefix)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_message_is_where_it_is_looked_for(path: Path) -> None:
    assert unseen(path.read_text()) == []


@pytest.mark.parametrize(
    "call", ["f\"{_('Paid')} {when}\"", "_(label)", "_(f'Paid {when}')", "ngettext('a day', days, count)"]
)
def test_a_message_that_is_looked_for_in_vain_is_found(call: str) -> None:
    source = f"from django.utils.translation import gettext as _, ngettext\n{call}"

    assert len(unseen(source)) == 1


def test_what_a_worker_says_of_stripe_is_in_the_language_of_the_pages() -> None:
    with bracketed():
        assert StripeUnreachable().sentence.startswith(OPEN)


@pytest.mark.django_db
def test_a_browser_does_not_choose_the_language(client, support) -> None:
    """One half of a page would be in its language, and what workers wrote in that of the settings."""
    client.force_login(support)

    page = client.get("/console/", headers={"accept-language": "de"}).content.decode()

    assert '<html lang="en' in page
    assert "Abmelden" not in page


@pytest.mark.django_db
def test_the_settings_choose_it(client, support) -> None:
    client.force_login(support)

    with override("de"):
        page = client.get("/console/").content.decode()

    assert '<html lang="de"' in page
    assert "Abmelden" in page
