from django.http import HttpResponse
from django.utils.translation import deactivate, get_language, override, trans_real

from dashboard.one_language import OneLanguageMiddleware


def seen(request):
    chosen = getattr(trans_real._active, "value", None)
    return HttpResponse(f"{get_language()} {chosen is not None}")


def test_the_language_of_a_request_is_said_once(rf):
    deactivate()

    assert OneLanguageMiddleware(seen)(rf.get("/")).content == b"en True"


def test_a_language_that_was_chosen_stays(rf):
    with override("de"):
        assert OneLanguageMiddleware(seen)(rf.get("/")).content == b"de True"
        assert get_language() == "de"
