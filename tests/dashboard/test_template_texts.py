"""Every text of every template is inside the translation tags, so that a language can be added."""

from pathlib import Path

import pytest

from tests.dashboard.template_texts import untranslated

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_every_text_is_inside_a_translation_tag(template: Path) -> None:
    assert untranslated(template.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Nothing is here</p>",
        "{% if a %}{{ b }} of {{ c }}{% endif %}",
        '<a title="Who owes this">{{ b }}</a>',
        '<td data-side="In Stripe"></td>',
        '<input type="hidden" value="Asked for here">',
        '{{ name|default:"(no name)" }}',
        "{{ count }}{{ count|pluralize }}",
        "{{ live|yesno }}",
        '{% badge "" "Taken over" "positive" %}',
        '{% firstof name email "(no name)" %}',
        '{% include "part.html" with title="Nothing matches" only %}',
        "{% blocktranslate %}Read{% endblocktranslate %} anew",
    ],
)
def test_a_text_outside_of_them_is_found(source: str) -> None:
    assert untranslated(source) != []


@pytest.mark.parametrize(
    "source",
    [
        '<p>{% translate "Nothing is here" %} – 100 %</p>',
        "{% blocktranslate with b=c.d %}{{ b }} of them{% endblocktranslate %}",
        '<a title="{% translate "Who owes this" %}" class="pd-quiet">{{ b }}</a>',
        '{{ name|default:_("(no name)") }}',
        '{% badge "open" _("Taken over") "positive" %}',
        "<code>manage.py work</code>",
        '<span class="pd-ico" aria-hidden="true">search</span>',
        "{% comment %}The rows of a list.{% endcomment %}{# Unfold's #}",
        "<title>{{ title }} · Paydesk</title>",
    ],
)
def test_texts_inside_of_them_are_not_nor_code_nor_names(source: str) -> None:
    assert untranslated(source) == []
