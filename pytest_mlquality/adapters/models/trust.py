"""What the settings allow a model's files to be, decided before anything of them is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_mlquality.adapters.models import digest as digests
from pytest_mlquality.errors import MissingExtra, ModelError
from pytest_mlquality.own_error import cause_of, told


class NotPinned(ModelError):
    """A model that can run code when it is loaded, and nobody has said that it may."""

    def __init__(self, message: str, remedy: str, sha256: str) -> None:
        super().__init__(message, remedy)
        self.sha256 = sha256


@dataclass(frozen=True, slots=True)
class Trust:
    """What someone who knows the model wrote down about it.

    Parameters
    ----------
    types
        Types beyond the known ones that a skops file may build.
    sha256
        64 hex digits that the model's digest must have; empty: any.
    signed_by
        PEM file of the elliptic-curve public key that must have signed the model; None: no signature is asked for.
    pin
        The key of ``[model]`` that `sha256` stands in.
    """

    types: tuple[str, ...] = ()
    sha256: str = ""
    signed_by: Path | None = None
    pin: str = "sha256"

    def admit(self, model: Path, digest: str, uri: str) -> None:
        """Refuse a file or folder that is not the one that was pinned, or not signed.

        Parameters
        ----------
        model
            With its signature beside it (``FILE.sig``) or inside it (``FOLDER/model.sig``).
        digest
            Of these very files, ``sha256:`` and 64 hex digits.

        Raises
        ------
        ModelError
            Naming the key of the settings.
        MissingExtra
            A signature is asked for, and model-signing is not installed.
        """
        if self.sha256 and digest != f"sha256:{self.sha256.lower()}":
            raise ModelError(
                f"[model] {self.pin} is {self.sha256}, but the digest of {uri!r} is {digest}: nothing of it was loaded",
                f"judge the model that was meant, or write its digest into [model] {self.pin}",
            )
        if self.signed_by is not None:
            _verify(model, self.signed_by, uri)

    def require_pin(self, what: str, digest: str, uri: str) -> None:
        """Refuse a model that can run code when it is loaded, unless its very bytes were pinned or signed.

        Parameters
        ----------
        what
            What it is, such as ``a pickle``.
        """
        if self.sha256 or self.signed_by is not None:
            return
        found = digest.removeprefix("sha256:")
        raise NotPinned(
            f"the model {uri!r} is {what}: it can run any code when it is loaded, so nothing of it was loaded",
            f'if you know who made it, put into [model]: {self.pin} = "{found}" (or signed_by and a public key)',
            found,
        )

    def refuse_without_files(self, what: str, uri: str) -> None:
        """Refuse a pin or a signature of a model that has no files.

        Parameters
        ----------
        what
            Where it is, such as ``is made by code``.
        """
        if self.sha256 or self.signed_by is not None:
            raise ModelError(
                f"the model {uri!r} {what}: it has no file that could be pinned or signed",
                f"remove [model] {self.pin} or signed_by, or name the model's file in [model] uri",
            )


def signature_of(model: Path) -> Path:
    """Return where the signature of a model's file or folder lies."""
    return model / digests.SIGNATURE if model.is_dir() else model.with_name(f"{model.name}.sig")


def _verify(model: Path, key: Path, uri: str) -> None:
    signature = signature_of(model)
    for path, what in ((key, "the public key of [model] signed_by"), (signature, "its signature")):
        if not path.is_file():
            raise ModelError(
                f"the model {uri!r} cannot be verified: {what} is not there ({path.name})",
                "sign it: model_signing sign key MODEL --signature MODEL.sig (of a folder MODEL/model.sig) "
                "--private_key KEY",
            )
    try:
        from model_signing import verifying
    except ModuleNotFoundError as error:
        raise MissingExtra("model-signing", "signing", f"[model] signed_by for {uri!r}") from error
    try:
        verifying.Config().use_elliptic_key_verifier(public_key=key).verify(model, signature)  # type: ignore[no-untyped-call]
    except Exception as error:
        raise ModelError(
            f"the model {uri!r} is not what the owner of {key.name} signed: {told(error, _named_by(model))}",
            "judge the model that was signed, or have it signed again; nothing of it was loaded",
        ) from cause_of(error)


def _named_by(model: Path) -> list[str]:
    """Return what a failed verification may name: the files of the model, and what is wrong with them."""
    files = [str(file.relative_to(model)) for file in model.rglob("*")] if model.is_dir() else [model.name]
    return [*files, "Signature mismatch:", "Extra files found in model", "Missing files in model", "Hash mismatch for"]
