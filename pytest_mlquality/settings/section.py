"""What all sections of mlquality.toml share: how strictly they are read, and the kinds of value."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from pytest_mlquality.redaction import conceal_all


def _date_of_text(value: object) -> object:
    """Accept a date in quotes too: a TOML date and the same in quotes look alike to people."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


# TOML's arrays arrive as lists, which strict validation would refuse for a tuple.
FROM_LIST = Field(strict=False)
READ_ONLY = (AfterValidator(MappingProxyType), PlainSerializer(dict))

# A length of time by the calendar.
WINDOW = r"^[1-9][0-9]* (minute|hour|day|week|month|year)s?$"

Text = Annotated[str, Field(pattern=r"\S")]
Texts = Annotated[tuple[Text, ...], FROM_LIST]
Link = Annotated[str, Field(pattern=r"^https?://\S+$", examples=["https://example.org/tests/m2"])]
Share = Annotated[float, Field(ge=0, le=1)]
Level = Annotated[float, Field(gt=0, le=0.5)]
Day = Annotated[date, BeforeValidator(_date_of_text)]


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values are what they are written as, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        # Tracebacks and `pytest -l` show values by their repr.
        for name, value in super().__repr_args__():
            yield name, conceal_all(value)
