"""Regular expressions, and the texts on which engines differ from Python."""

# ruff: noqa: RUF001

import re

PORTABLE = (
    "", "a", "ab", "^a", "a$", "^$", "^a$", r"\Aa", r"a\Z", "a|b", "ab|", "(a|b)c", "(a)(b)?", "(?:ab)+", "(?P<x>a)b",
    "a*", "a+?", "a{2}", "a{2,}", "a{,2}b", "^a{0,3}$", "(?:a{2}){2}", "[ab]+", "[^ab]", "[a-c]", "[^a-c]", "[]a]",
    r"[\]-a]", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"[\d\s]", r"[^\d]", r"[^\w\s]", r"[\w.-]+@\w+\.\w{2,}",
    r"^\w+$", r"^\S*$", ".", "a.b", "^.$", "^.*$", r"\.", r"\n", r"\t", "\\\\", "é", "é", r"\u00e9", "日+", "👩",
    "[^é]", "[à-ÿ]", "^[^\n]*$", "%", "_", "'", "\"", "#", "-", r"\$", r"\^", "[$^]", "[&&a]", "[a&&b]", "[~~a]",
    "[--a]", "[[:alpha:]]", r"[\[\]]", r"^\d{4}-\d{2}-\d{2}$", r"\w{1,60}$", "(a|)+b", "()", "(|)", "()*", "(|a)$",
    "(a$|b)", "\x00", "^\x00$",
)  # fmt: skip
# Look-around, references back, flags, boundaries of words, and what engines refuse for its size.
OF_PYTHON = (
    "(?=a)a", "(?!a)b", "(?<=a)b", "(?<!a)b", r"(a)\1", "$^", "a$\n", "(a$)*", "(?P<x>a)(?P=x)", "(?i)A", "(?i:A)",
    "(?s).", "(?m)^b", "(?x) a b", r"\bab\b", r"\Ba", r"(?a)\w", "(a)?(?(1)b|c)", "a{0,5000}", r"(\w{1,90}){1,90}",
    r"[\W\d]", "(?>a+)b", "a++b",
)  # fmt: skip
ODD = "\x1c\x1d\x1e\x1f\x85\xa0\u1680\u180e\u2000\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff\x0b\x0c\x00"
LETTERS = "aAbBcéÉßıİſK²½Ⅷ٣৪๓१𝟙ªµ日ー々\u0301ǅ_-]&~[:"
TEXTS = (
    "", "a", "b", "ab", "abc", "aab", "aaaa", "ba", "A", "a\n", "\n", "\na", "a\nb", "a\r", "a\r\n", "a\n\n", "a b",
    "a.b", "é", "日本", "👩\u200d👩", "2024-01-31", "2024-01-31\n", "٢٠٢٤-٠١-٣١", "x.y@z.org", "a'b", "50%", "\\", "$^",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    *ODD,
    *LETTERS,
    *(f"a{odd}" for odd in ODD),
)  # fmt: skip


def as_python(pattern, text, from_start):
    look = re.match if from_start else re.search
    return look(pattern, text) is not None
