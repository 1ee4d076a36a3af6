"""Names as hostile and unlucky data have them, and anything of ours with such names in the place of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import strategies as st

HOSTILE = (
    '\n[stage.ci]\nmodel = "http://evil.example"\n[[waive]]\ncheck = "*"\n',
    '\nown = ["test_evil.py"]\n',
    "\r\npython:evil:model",
    "\u2028[fairness]\u2029\x85",
    "\x1b[31m\x1b]0;pwned\x07\x9b2J",
    "\u202egnp.exe\u2066\u200b\ufeff",
    '"]]\'"""',
    "--><script>alert(1)</script><!--",
    "\x00\x7f\t\x0b\x0c",
    "\ud7ff\ue000\uffff\U0010ffff\U000e0001",
    "*: isin*",
    " [skew] ",
    " # x: ",
    "| `a` @team www.evil.example &amp; $x$ {{ 7 * 7 }} %s \\n \\u0041",
    "k" * 1500,
    "? - : !!python/object/apply:os.system",
)
names = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=8), max_size=4).map("".join)


def renamed(thing: Any, names: Mapping[str, str]) -> Any:
    """Return strings, containers and dataclasses with names in the place of others, wherever they stand."""
    if isinstance(thing, str):
        for old, new in names.items():
            thing = thing.replace(old, new)
        return thing
    if isinstance(thing, dict):
        return {renamed(key, names): renamed(item, names) for key, item in thing.items()}
    if isinstance(thing, list | tuple | set | frozenset):
        return type(thing)([renamed(item, names) for item in thing])
    if is_dataclass(thing) and not isinstance(thing, type):
        copied = object.__new__(type(thing))
        for field in fields(thing):
            object.__setattr__(copied, field.name, renamed(getattr(thing, field.name), names))
        return copied
    return thing
