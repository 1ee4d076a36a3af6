"""The sections that describe the machine-learning system: model, registry, data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from pytest_mlquality.column_type import WRITTEN
from pytest_mlquality.settings.section import FROM_LIST, READ_ONLY, WINDOW, Section, Text, Texts

# Where rows are units by their block of time, the column that says which.
BLOCK = "mlq_time_block"

SplitName = Literal["train", "test", "production", "raw"]
# FROM_LIST relaxes what stands inside the list too: a label stays what it is written as.
Label = StrictInt | StrictStr | StrictBool
# Types of columns of text, by column.
ColumnTypes = Annotated[Mapping[Text, Annotated[str, Field(pattern=WRITTEN, examples=["date %m/%d/%Y"])]], *READ_ONLY]
Task = Literal["binary", "multiclass", "multilabel", "regression", "ranking"]


class ModelSettings(Section):
    """The model under test."""

    uri: Text = Field(
        description="The model under test: a registry URI, a file, python:module:factory or an endpoint.",
        examples=["models:/churn@challenger"],
    )
    baseline: Text | None = Field(
        default=None,
        description="The model now in production, with which the one under test is compared.",
        examples=["models:/churn@champion"],
    )
    task: Task | None = Field(
        default=None, description="What the model answers; inferred and printed where not given.", examples=["binary"]
    )
    positive: Label | None = Field(
        default=None,
        description="The label that counts as positive in a binary task; inferred and printed where not given.",
        examples=[1],
    )
    threshold: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Probability from which on a binary model's answer is the positive label; default: what the model "
        "itself decides, else 0.5.",
        examples=[0.5],
    )
    features: Texts = Field(
        default=(),
        description="Columns that the model sees, in its order, where the model does not say.",
        examples=[["age", "income"]],
    )
    classes: Annotated[tuple[Label, ...], FROM_LIST] = Field(
        default=(),
        description="Class labels in the order of the model's probabilities, where the model does not say.",
        examples=[["no", "yes"]],
    )
    trusted_types: Texts = Field(
        default=(),
        description="Types in a skops file that are loaded although they are not on skops's own list.",
        examples=[["my_package.transform.Winsorizer"]],
    )
    sha256: str = Field(
        default="",
        pattern=r"^([0-9a-fA-F]{64})?$",
        description="SHA-256 that the model's files must have; a pickle is not loaded without it.",
        examples=["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    )
    baseline_sha256: str = Field(
        default="",
        pattern=r"^([0-9a-fA-F]{64})?$",
        description="SHA-256 that the baseline's files must have; a pickle is not loaded without it.",
        examples=["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    )
    signed_by: str = Field(
        default="",
        description="Public key (PEM) by which model and baseline must be signed; verified before anything is loaded.",
        examples=["keys/release.pub"],
    )


class RegistrySettings(Section):
    """The model registry."""

    uri: Text = Field(description="The model registry, as MLflow names it.", examples=["sqlite:///mlflow.db"])


class SplitSettings(Section):
    """One table of rows."""

    source: Text = Field(
        description="The rows: a path or glob, a table of the engine, or python:module:function.",
        examples=["data/test.parquet"],
    )
    filter: Text | None = Field(
        default=None, description="SQL condition that selects rows of the source.", examples=["id % 5 = 0"]
    )
    engine: Text | None = Field(
        default=None, description="Ibis backend URL of this split; default: that of [data].", examples=["duckdb://"]
    )
    types: ColumnTypes = Field(
        default_factory=dict,
        validate_default=True,
        description="By column of CSV, or of folders called key=value, its type, which goes before a guess: text, "
        "integer, number, boolean, date or timestamp; dates not in ISO form with their format, as strptime has it.",
        examples=[{"code": "text", "day": "date %m/%d/%Y"}],
    )
    window: str | None = Field(
        default=None,
        pattern=WINDOW,
        description="Length of time that {window} in the source stands for.",
        examples=["1 day"],
    )
    environment: Text | None = Field(
        default=None,
        description="Which of [schema.environments] the rows come from; default: the name of the split.",
        examples=["serving"],
    )
    population: bool = Field(
        default=False,
        description="Whether the split is everything there is, so that its numbers are exact.",
        examples=[True],
    )


class DataSettings(Section):
    """Which columns mean what, and where the rows are."""

    target: Text | Annotated[tuple[Text, ...], FROM_LIST, Field(min_length=1)] | None = Field(
        default=None,
        description="Column with the true answer, the label; of a multilabel model one of 0 and 1 for each label.",
        examples=["churned"],
    )
    labels: Texts = Field(
        default=(),
        description="Where the cells of target are lists: the labels, as the lists name them, or in the order of their "
        "0 and 1.",
        examples=[["news", "sport", "arts"]],
    )
    key: Text | None = Field(default=None, description="Column that identifies a row.", examples=["customer_id"])
    block: str | None = Field(
        default=None,
        pattern=WINDOW,
        description="Length of the blocks of time whose rows count as one unit, where neighbouring days are alike.",
        examples=["2 weeks"],
    )
    unit: Text | None = Field(
        # A key of the wrong type is a problem of its own and absent here.
        default_factory=lambda data: BLOCK if data.get("block") else data.get("key"),
        description="Column whose values are independent of each other, such as the customer; default: the key.",
        examples=["customer_id"],
    )
    time: Text | None = Field(default=None, description="Column that says when a row arose.", examples=["month"])
    split_by: Literal["time"] | None = Field(
        default=None,
        description="How train and test were told apart: by time, every row of test is later than all of train.",
        examples=["time"],
    )
    weight: Text | None = Field(default=None, description="Column that weights the rows.", examples=["weight"])
    ignore: Texts = Field(default=(), description="Columns that are no features.", examples=[["comment"]])
    engine: Text = Field(
        default="duckdb://", description="Ibis backend URL of the splits' tables.", examples=["duckdb://"]
    )
    types: ColumnTypes = Field(
        default_factory=dict,
        validate_default=True,
        description="The same in every split that has the column.",
        examples=[{"code": "text", "day": "date %m/%d/%Y"}],
    )
    train: SplitSettings | None = Field(default=None, description="The rows that the model was trained on.")
    test: SplitSettings | None = Field(default=None, description="Labelled rows that the model has not seen.")
    production: SplitSettings | None = Field(default=None, description="Rows that the model answers in production.")
    raw: SplitSettings | None = Field(default=None, description="The rows before preprocessing.")

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns with true answers: one, or one for each label; where a column holds lists, made of it."""
        return tuple(self.label_columns) or ((str(self.target),) if self.target is not None else ())

    @property
    def label_columns(self) -> dict[str, str]:
        """The columns of a multilabel target, each with the name of its label; empty for another."""
        if self.target is None or isinstance(self.target, tuple):
            return {column: column for column in self.target or ()}
        return {f"{self.target}.{label}": label for label in self.labels}

    @property
    def beside_features(self) -> set[str]:
        """The columns that mean something else than a feature."""
        of_lists = self.target if isinstance(self.target, str) else None
        named = (*self.targets, of_lists, self.key, self.unit, self.time, self.weight, *self.ignore)
        return {column for column in named if column is not None}

    @property
    def splits(self) -> dict[str, SplitSettings]:
        """The declared splits by name."""
        declared = {"train": self.train, "test": self.test, "production": self.production, "raw": self.raw}
        return {name: split for name, split in declared.items() if split is not None}
