"""ImageSets/Main: lists of image ids, `<split>.txt`, and of flags, `<class>_<split>.txt`.

A line of the former is an id; the last column of the latter is the flag, and the rest is the id.
Ids may contain any characters but line breaks, NUL and slashes, white space included. What a list
is follows from its lines, not from its name alone: `small_train.txt` may hold the ids of a small
training split, or the flags of a class "small".
"""

import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from voc_model.data.image_files import IMAGE_EXTENSIONS
from voc_model.errors import DataError, and_more
from voc_model.files import is_utf8, list_folder, open_regular

# Present, only difficult objects, absent.
FLAGS = ("1", "+1", "0", "-1")

_MAX_BYTES = 1 << 30  # More than a list of ten million ids takes.
# File systems allow names of 255 bytes, with the extension.
_MAX_ID_BYTES = 251


@dataclass(frozen=True)
class TextList:
    """A list file.

    Attributes:
        path: the file.
        lines: number, from 1, and text of every line that is not blank.
    """

    path: Path
    lines: tuple[tuple[int, str], ...]

    def image_ids(self, known: Container[str], warnings: list[str]) -> Iterator[tuple[int, str]]:
        """Yields line number and image id of a list of ids.

        Args:
            known: the ids of existing images, which decide how a line is read.
            warnings: gets a sentence if ids have an extension or a flag, with their number.

        Raises:
            DataError: a line cannot be an id.
        """
        rewritten = []
        for number, text in self.lines:
            image_id = resolve_id(text, known)
            if image_id not in known and split_flag(text)[1] in FLAGS:
                before = resolve_id(split_flag(text)[0], known)
                image_id = before if before in known else image_id
            self._check_id(number, image_id)
            if image_id not in (text, text.strip()):
                rewritten.append(f"{number}: {text.strip()!r} is read as the id {image_id!r}")
            yield number, image_id
        if rewritten:
            warnings.append(f"{self.path}:{rewritten[0]}{and_more(rewritten)}")

    def flags(self, known: Container[str]) -> Iterator[tuple[int, str, str]]:
        """Yields line number, image id and flag of a list of flags.

        Raises:
            DataError: a line has no flag, or cannot be an id.
        """
        for number, text in self.lines:
            before, flag = split_flag(text)
            if not before.strip() or flag not in FLAGS:
                raise DataError(
                    f"{self.path}:{number}: found {text.strip()!r}; "
                    "expected an image id and 1, 0 or -1"
                )
            image_id = resolve_id(before, known)
            self._check_id(number, image_id)
            yield number, image_id, flag

    def has_flags(self, known: Container[str]) -> bool:
        """Returns whether this is a list of flags: at least half of its lines end in one.

        An existing image whose id ends in a number is no flag.
        """
        flagged = 0
        for _, text in self.lines:
            before, flag = split_flag(text)
            flagged += flag in FLAGS and before != "" and text.strip() not in known
        return flagged > 0 and 2 * flagged >= len(self.lines)

    def _check_id(self, number: int, image_id: str) -> None:
        if image_id in (".", "..") or any(item in image_id for item in ("\0", "/", os.sep)):
            raise DataError(
                f"{self.path}:{number}: {image_id!r} is not an image id. Expected the name of a "
                "file in JPEGImages, without folder and extension."
            )
        if len(image_id.encode()) > _MAX_ID_BYTES:
            raise DataError(
                f"{self.path}:{number}: found an image id of {len(image_id.encode())} bytes, "
                f"expected at most {_MAX_ID_BYTES}: the name of a file in JPEGImages."
            )


def read_list(path: Path) -> TextList:
    """Reads a list file.

    Raises:
        DataError: it is not text.
    """
    try:
        with TextIOWrapper(open_regular(path, _MAX_BYTES), encoding="utf-8-sig") as file:
            text = file.read()  # With all line endings as \n.
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as a text list ({error})") from error
    # Not splitlines, which also splits at characters that ids may contain.
    lines = enumerate(text.split("\n"), start=1)
    return TextList(path, tuple((number, line) for number, line in lines if line.strip()))


def split_flag(text: str) -> tuple[str, str]:
    """Returns what stands before the last column of a line, and that column."""
    flag = text.rsplit(maxsplit=1)[-1]
    before = text.rstrip().removesuffix(flag)
    return before[:-1], flag  # Without one separating space; more may belong to the id.


def resolve_id(text: str, known: Container[str]) -> str:
    """Returns the image id that a text means: itself, if there is such an image.

    Args:
        text: the line of a list, or all but its last column.
        known: the ids of existing images. White space around an id is left out if there is no image
            of that name, an extension only if there is one of the name without.
    """
    plain = text.strip()
    if text in known or plain in known:
        return text if text in known else plain
    stem, _, extension = plain.rpartition(".")
    return stem if extension.lower() in IMAGE_EXTENSIONS and stem in known else plain


def list_names(voc_dir: Path) -> list[str]:
    """Returns the names of the files in ImageSets/Main, without `.txt`, in ascending order."""
    names = map(Path, filter(is_utf8, list_folder(_folder(voc_dir))))
    return sorted(path.stem for path in names if path.suffix == ".txt")


def list_path(voc_dir: Path, name: str) -> Path:
    """Returns the path of a list, which may not exist."""
    return _folder(voc_dir) / f"{name}.txt"


def list_splits(voc_dir: Path, known: Container[str]) -> list[str]:
    """Returns the names of the splits that have a list of ids, or a list of flags of any class."""
    lists = {name: read_list(list_path(voc_dir, name)) for name in list_names(voc_dir)}
    of_ids = {name for name, found in lists.items() if not found.has_flags(known)}
    of_flags = {name.rpartition("_")[2] for name in lists.keys() - of_ids if "_" in name}
    return sorted(of_ids | of_flags)


def read_class_lists(
    voc_dir: Path, split: str, known: Container[str], warnings: list[str]
) -> dict[str, TextList]:
    """Returns the lists of flags of a split, by class name.

    Args:
        voc_dir: the folder that holds ImageSets, if there is one.
        split: e.g. `train`.
        known: the ids of existing images.
        warnings: gets one sentence per list that is named like a class list but has no flags.
    """
    names = [
        name for name in list_names(voc_dir) if name.removesuffix(f"_{split}") not in ("", name)
    ]
    lists = {name: read_list(list_path(voc_dir, name)) for name in names}
    longer = [name for name, found in lists.items() if not found.has_flags(known)]
    found = {}
    for name, text_list in lists.items():
        if name in longer:
            _warn_of_no_flags(text_list, name.removesuffix(f"_{split}"), warnings)
        elif not _is_of_longer_split(name, longer):
            found[name.removesuffix(f"_{split}")] = text_list
    return found


def _is_of_longer_split(name: str, splits: Sequence[str]) -> bool:
    """Returns whether `dog_my_val` belongs to a split `my_val` rather than to `val`."""
    return any(name.endswith(f"_{split}") for split in splits)


def _warn_of_no_flags(text_list: TextList, class_name: str, warnings: list[str]) -> None:
    number, text = text_list.lines[0] if text_list.lines else (1, "")
    warnings.append(
        f"{text_list.path}:{number}: found {text.strip()!r}, not an image id and 1, 0 or -1: this "
        f"is not the list of a class {class_name!r}, and is not used"
    )


def _folder(voc_dir: Path) -> Path:
    return voc_dir / "ImageSets" / "Main"
