"""The manifest of scores.npz: how its scores were computed, as JSON."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

# Version 1 had no -2: images that nobody had labelled were -1, like difficult ones.
FORMAT_VERSION = 2
_READABLE_VERSIONS = (1, 2)
MAX_LISTED = 100  # Texts per list.


class Manifest(BaseModel):
    """Where the scores come from: what a reader needs to assess or reproduce them."""

    model_config = ConfigDict(extra="ignore")

    format_version: int = FORMAT_VERSION
    run: str
    voc_dir: str = Field(
        pattern=r"^[^\x00]*$", description="absolute path of the VOC folder that was scored"
    )
    split: str
    created: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    settings: dict[str, Any] = Field(default_factory=dict, description="the training settings")
    checkpoint_sha256: str | None = None
    images_fingerprint: str | None = Field(
        default=None, description="hash of the image files' names, sizes and modification times"
    )
    preprocessing: dict[str, Any] = Field(default_factory=dict)
    precision: str | None = Field(default=None, description="of the backbone, as it was computed")
    device: str | None = Field(default=None, description="kind of device: cpu or cuda")
    versions: dict[str, str] = Field(default_factory=dict)
    unreadable_count: int = 0
    unreadable: list[str] = Field(default_factory=list, description="the first 100, with reasons")
    models: int = Field(default=1, description="how many models' scores are averaged")
    selected_epoch: int | None = Field(default=None, description="of a single model")
    selected_on: str | None = Field(default=None, description="the images that chose the epoch")
    selected_on_reported_split: bool = False
    training_overlap: int = Field(default=0, description="scored images that were trained on")
    warnings: list[str] = Field(default_factory=list, description="of the data set, the first 100")

    def check_version(self) -> None:
        """Checks that this version of the tool reads the format.

        Raises:
            ValueError: it does not.
        """
        if self.format_version not in _READABLE_VERSIONS:
            readable = " or ".join(map(str, _READABLE_VERSIONS))
            raise ValueError(f"found format_version {self.format_version}, expected {readable}")
