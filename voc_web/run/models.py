"""The base of the documented models that pages, CSV and API share."""

from collections.abc import Iterable
from typing import Annotated, Self

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

# Undefined is NaN here and null in JSON.
Number = Annotated[float, WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "null"}]})]
ClassName = Annotated[str, Field(alias="class", description="name of the class")]


class ResponseModel(BaseModel):
    """Base of all response models: built from objects with the same attributes, no extra fields."""

    model_config = ConfigDict(
        from_attributes=True, populate_by_name=True, extra="forbid", frozen=True
    )

    @classmethod
    def of_all(cls, sources: Iterable[object]) -> list[Self]:
        """Returns one instance per object."""
        return [cls.model_validate(source) for source in sources]

    @classmethod
    def of_columns(cls, **columns: ArrayLike) -> list[Self]:
        """Returns one instance per entry of the (K,) columns, which are named like the fields."""
        lists = [np.asarray(column).tolist() for column in columns.values()]
        rows = zip(*lists, strict=True)
        return [cls.model_validate(dict(zip(columns, row, strict=True))) for row in rows]


class AveragePrecision(ResponseModel):
    """Average precision in three definitions; null where no image is present."""

    sklearn: Number = Field(
        description="sum of precision times recall step, ties grouped (scikit-learn)"
    )
    voc2010: Number = Field(description="area under the monotone precision (VOC 2010 to 2012)")
    voc2007: Number = Field(
        description="mean precision at the 11 recalls 0, 0.1, ..., 1 (VOC 2007)"
    )
