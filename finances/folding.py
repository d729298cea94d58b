"""How texts are spelled where they are searched for, so that it takes neither capitals nor accents to find them."""

import unicodedata

PLAIN = str.maketrans(
    {"æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "ŧ": "t"}
    | dict.fromkeys("‘’ʼ", "'")
    | dict.fromkeys("‐–—−", "-")
)
"""Letters that no normalisation takes apart, and signs that a keyboard writes otherwise than a word processor."""
FIRST_ACCENT = 200
"""Unicode's classes of combining marks: from here on they stand above and below a letter. The lower ones are more than
an accent, such as what makes a Japanese ka a ga."""


def folded(text: str) -> str:
    """`Müller` as `muller`, `Łukasz` as `lukasz`, `Straße` as `strasse`, `ＡＣＭＥ` as `acme`; ü is u and not ue.

    What is folded already stays as it is. A text of marks alone comes out empty.
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in apart if unicodedata.combining(letter) < FIRST_ACCENT)
    # Put together again: Korean syllables would be three times as long, and one of them be found in another.
    return unicodedata.normalize("NFC", bare.casefold().translate(PLAIN))
