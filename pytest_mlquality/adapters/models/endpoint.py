"""A model behind an HTTP endpoint, in the protocol that its path names.

``.../invocations`` is MLflow's scoring server, ``.../v2/models/NAME`` the Open Inference Protocol (KServe, MLServer,
Triton), ``.../v1/models/NAME`` the protocol of TensorFlow Serving.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models.face import Model
    from pytest_mlquality.adapters.models.protocols import Protocol

# Rows in one question.
ROWS = 1_000


def answers_for(uri: str) -> bool:
    """Say whether the URI is that of an endpoint."""
    return uri.startswith(("http://", "https://"))


def load(wanted: Wanted) -> Model:
    """Ask the endpoint what it takes, if its protocol can say that; see `pytest_mlquality.adapters.models.load`.

    There are no files to digest, so a model that was pinned cannot be here.
    """
    import numpy as np

    from pytest_mlquality.adapters.models.numbers import answering
    from pytest_mlquality.adapters.models.protocols import protocol_of

    protocol: Protocol = protocol_of(wanted)
    # What the URI says of a user is shown to nobody.
    wanted = replace(wanted, uri=protocol.connection.shown)
    wanted.trust.refuse_without_files("stands behind an endpoint", wanted.uri)
    types = protocol.column_types()

    def ask(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
        parts = [protocol.answers(frame.iloc[start : start + ROWS]) for start in range(0, len(frame), ROWS)]
        if len({np.shape(part)[1:] for part in parts}) > 1:
            raise ModelError(
                f"the model {wanted.uri!r} answers with other shapes from question to question",
                "have it answer each row once, with as many numbers",
            )
        return np.concatenate(parts)

    return answering(ask, None, wanted, columns=tuple(types) if types else None, column_types=types)
