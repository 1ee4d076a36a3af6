"""A model of PyTorch, as TorchScript or as an exported program: loaded only if its very bytes were pinned or signed.

Both are programs, and PyTorch's own advice is to treat them as code. It takes the features as one tensor of float32,
shape (n, columns), and answers with probabilities where there are classes, else with values.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlquality.adapters.models.kept import Kept
from pytest_mlquality.adapters.models.libraries import library
from pytest_mlquality.adapters.models.wanted import Wanted
from pytest_mlquality.errors import ModelError
from pytest_mlquality.own_error import cause_of, kind_of

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlquality.adapters.models.face import Model


def is_one(path: Path) -> bool:
    """Say whether the path has the name of a PyTorch file."""
    return path.suffix in {".pt", ".pth", ".ts", ".pt2"}


def read(path: Path, kept: Kept, wanted: Wanted) -> Model:
    """See `FileFormat.read`."""
    from pytest_mlquality.adapters.models.numbers import answering, matrix

    wanted.trust.require_pin("a program of PyTorch", kept.digest, wanted.uri)
    torch = library("torch", "torch", wanted.uri)
    module = _module(path, wanted.uri)

    def ask(frame: pd.DataFrame) -> Any:  # noqa: ANN401 - CheckedModel makes an array of it
        with torch.no_grad():
            answers = module(torch.from_numpy(matrix(frame, wanted.uri)))
        if not isinstance(answers, torch.Tensor):
            raise ModelError(
                f"the model {wanted.uri!r} answers with a {type(answers).__name__}, not with one tensor",
                "export a module that gives probabilities or values and nothing else",
            )
        return answers.squeeze(-1).numpy()

    return answering(ask, kept, wanted, columns=tuple(kept.signature or ()) or None, column_types=kept.signature)


def _module(path: Path, uri: str) -> Any:  # noqa: ANN401 - PyTorch is an extra
    import torch

    try:
        if path.suffix == ".pt2":
            return torch.export.load(str(path)).module()
        return torch.jit.load(str(path), map_location="cpu").eval()
    except Exception as error:
        raise ModelError(
            f"the model {uri!r} is neither TorchScript nor an exported program: {kind_of(error)}",
            "save it with torch.export.save(torch.export.export(module, ...), 'model.pt2'); what torch.save wrote is a "
            "pickle of parts",
        ) from cause_of(error)
