"""The base of the documented models, which pages, CSV and API share."""

from collections.abc import Iterable
from typing import Annotated, Self

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

# Undefined is NaN here and null in JSON.
Number = Annotated[float, WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "null"}]})]
ClassName = Annotated[str, Field(alias="class", description="the name of the class")]


class Answer(BaseModel):
    """Base of all answers: made from objects with the same names, nothing beyond the schema."""

    model_config = ConfigDict(
        from_attributes=True, populate_by_name=True, extra="forbid", frozen=True
    )

    @classmethod
    def of_all(cls, sources: Iterable[object]) -> list[Self]:
        """Returns one answer for each object."""
        return [cls.model_validate(source) for source in sources]

    @classmethod
    def of_columns(cls, **columns: ArrayLike) -> list[Self]:
        """Returns one answer for each entry of (K,) columns, which have the names of the fields."""
        lists = [np.asarray(column).tolist() for column in columns.values()]
        rows = zip(*lists, strict=True)
        return [cls.model_validate(dict(zip(columns, row, strict=True))) for row in rows]


class AveragePrecision(Answer):
    """Average precision in three definitions; null where no image is present."""

    sklearn: Number = Field(description="sum of precision times recall steps, ties grouped")
    voc2010: Number = Field(description="area under precision made monotone (VOC 2010 to 2012)")
    voc2007: Number = Field(description="mean of precision at the 11 recalls 0, 0.1, ..., 1")
