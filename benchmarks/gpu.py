"""On a GPU: scoring and training in images/s and their floors; equality of scores with the CPU.

Without CUDA it says so and measures nothing. Images are those of the demo data set, repeated: files
come from the page cache. The network is trained for a few epochs first, so that scores spread; its
speed does not depend on the weights.
"""

import copy
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
import torch
from decoding import PREPROCESSING
from finetuning import OurLoop
from scoring import our_scores
from timing import describe_machine, median_seconds
from torch import Tensor
from torch.nn import functional
from torchvision.io import ImageReadMode, decode_jpeg, read_file

from voc_model.cpu import usable_cores
from voc_model.data.demo import unpack_demo
from voc_model.data.voc import Split, image_path, read_split
from voc_model.inference.backbone import Network, cast_network, fold
from voc_model.inference.devices import Compute
from voc_model.inference.loading import Batch, ImageLoader
from voc_model.model.checkpoint import initial_model
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import Preprocessing, View, central_views, crop_pixels, normalize
from voc_model.model.setting_fields import Precision
from voc_model.model.settings_files import read_settings
from voc_model.training.epochs import FeatureLoader, plan_epoch

# The project's promise: scores on a GPU are those of the CPU, up to this.
TOLERANCE = 0.01
_PRECISIONS: tuple[Precision, ...] = ("bfloat16", "float32")
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Sizes:
    """How many images each stage handles.

    Attributes:
        scored: files decoded and scored, some of them repeatedly.
        checked: files whose scores are compared with the CPU's.
        batch: images of a forward pass, as in scoring.
        repeats: passes and steps between two readings of the clock.
        epochs: of the training before the measurements.
        rounds: of the measurements, whose median is taken.
    """

    scored: int = 16384
    checked: int = 512
    batch: int = 256
    repeats: int = 20
    epochs: int = 8
    rounds: int = 3


QUICK = Sizes(scored=3, checked=2, batch=2, repeats=1, epochs=1, rounds=1)


class Bench:
    """A trained model, files and labels; the stages, which add to `rates` in images/s."""

    def __init__(
        self, voc_dir: Path, folder: Path, weights: str, device: torch.device, sizes: Sizes
    ) -> None:
        self.device, self.sizes, self._folder = device, sizes, folder
        self.rates: dict[str, float] = {}
        self.compute = Compute(device, "bfloat16", workers=min(usable_cores(), 16))
        self._train = read_split(voc_dir, "train")
        files = _paths(self._train) + _paths(read_split(voc_dir, "val"))
        self._files = (files * -(-sizes.scored // len(files)))[: sizes.scored]
        settings = read_settings(_ROOT / "configs" / "finetune.json")
        constant = {"schedule": "constant", "warmup_epochs": 0, "backbone_lr_factor": 1.0}
        self.settings = settings.model_copy(update={"weights": weights, **constant})
        self._loop = self._file_loop(initial_model(self.settings, self._train.labels.shape[1]))
        for epoch in range(1, sizes.epochs + 1):
            self._loop.train(epoch)
        self.model = self._loop.learner.eval_model.eval()
        self.images = next(self._load(self._files[: sizes.batch]))

    def decoding(self) -> None:
        """Measures files -> normalised images on the device: worker processes against nvJPEG."""
        few = self._files[: self.sizes.batch]
        next(self._load(few))
        self._measure(
            len(self._files),
            {
                "decode, worker processes": lambda: _consume(self._load(self._files)),
                "decode, nvJPEG": lambda: _consume(map(self._decode_on_device, self._batches())),
            },
        )

    def forward(self) -> None:
        """Measures the backbone alone, in several numeric modes."""
        variants = {
            f"forward, {name}": self._repeat(torch.inference_mode()(partial(network, self.images)))
            for name, network in self._networks().items()
        }
        for run in variants.values():
            run()  # Compiles.
        self._measure(len(self.images) * self.sizes.repeats, variants)

    def scoring(self) -> None:
        """Measures files -> scores, as scripts/precompute_scores.py computes them."""
        self._score("bfloat16", self._files[: self.sizes.batch])
        precisions: tuple[Precision, ...] = ("bfloat16", "float32")
        variants = {
            f"score, {name}": partial(self._score, name, self._files) for name in precisions
        }
        self._measure(len(self._files), variants)

    def equality(self) -> dict[str, float]:
        """Returns the greatest difference of scores from those of PyTorch in float32 on the CPU."""
        some = self._files[: self.sizes.checked]
        exact = copy.deepcopy(self.model).cpu()
        loader = ImageLoader(some, PREPROCESSING, Compute(torch.device("cpu")))
        with torch.inference_mode():
            plan = _cut(range(len(some)), 64)
            expected = torch.cat([exact.predict(batch.inputs) for batch in loader.batches(plan)])
        click.echo(
            f"scores of {len(some)} images: {float(expected.min()):.4f} to "
            f"{float(expected.max()):.4f}, standard deviation {float(expected.std()):.3f}"
        )
        return {
            name: float((self._score(name, some) - expected).abs().max()) for name in _PRECISIONS
        }

    def training(self) -> None:
        """Measures steps on images in memory, and epochs over files with and without the steps."""
        batch = self.images[: self.settings.batch_size]
        rows = list(range(len(batch)))
        steps = {}
        for precision in _PRECISIONS:
            compute = replace(self.compute, precision=precision)
            model = copy.deepcopy(self.model)
            loader = FeatureLoader(batch, ())
            loop = OurLoop(model, self._train.labels, self.settings, loader, compute)
            step = partial(loop.step, Batch(rows, batch, {}))
            steps[f"steps, {precision}"] = self._repeat(step)
            steps[f"steps, {precision}"]()
        self._measure(len(batch) * self.sizes.repeats, steps)
        plan = plan_epoch(self._loop.job.train.rows, self.settings, 1)
        epochs = {
            "training, loading alone": lambda: _consume(self._loop.job.train.batches(plan)),
            "training, files": lambda: self._loop.train(1),
        }
        self._measure(len(self._train.image_ids), epochs)

    def shares(self) -> dict[str, float]:
        """Returns which share of their slowest stage's rate scoring and training reach."""
        rates = self.rates
        slowest = {
            "score, bfloat16": ("decode, worker processes", "forward, bfloat16"),
            "training, files": ("training, loading alone", "steps, bfloat16"),
        }
        return {
            name: rates[name] / min(rates[stage] for stage in stages)
            for name, stages in slowest.items()
        }

    def _networks(self) -> dict[str, Network]:
        folded = fold(copy.deepcopy(self.model).backbone)
        contiguous = copy.deepcopy(folded).bfloat16().to(memory_format=torch.contiguous_format)
        layout = torch.contiguous_format
        compiled = torch.compile(
            copy.deepcopy(folded).bfloat16().to(memory_format=torch.channels_last)
        )
        return {
            "float32": cast_network(copy.deepcopy(folded), "float32"),
            "bfloat16": cast_network(copy.deepcopy(folded), "bfloat16"),
            "bfloat16, not channels last": lambda images: contiguous(
                images.to(torch.bfloat16, memory_format=layout)
            ),
            "bfloat16, compiled": lambda images: compiled(images.bfloat16()),
        }

    def _file_loop(self, model: Classifier) -> OurLoop:
        loader = ImageLoader(
            _paths(self._train), Preprocessing.from_settings(self.settings, True), self.compute
        )
        return OurLoop(model, self._train.labels, self.settings, loader, self.compute)

    def _score(self, precision: Precision, paths: list[Path]) -> Tensor:
        compute = replace(self.compute, precision=precision)
        return our_scores(copy.deepcopy(self.model), paths, self._folder / "shards", compute)

    def _load(self, paths: Sequence[Path]) -> Iterator[Tensor]:
        loader = ImageLoader(paths, PREPROCESSING, self.compute)
        plan = _cut(range(len(paths)), self.sizes.batch)
        return (batch.inputs for batch in loader.batches(plan))

    def _batches(self) -> list[list[Path]]:
        size = self.sizes.batch
        return [self._files[start : start + size] for start in range(0, len(self._files), size)]

    def _decode_on_device(self, paths: Sequence[Path]) -> Tensor:
        encoded = [read_file(str(path)) for path in paths]
        return resize(decode_jpeg(encoded, ImageReadMode.RGB, device=self.device))

    def _repeat(self, run: Callable[[], object]) -> Callable[[], None]:
        def repeat() -> None:
            for _ in range(self.sizes.repeats):
                run()

        return repeat

    def _measure(self, images: int, variants: Mapping[str, Callable[[], object]]) -> None:
        """Adds the median rates of variants that each handle so many images."""

        def complete(run: Callable[[], object]) -> None:
            run()
            if self.device.type == "cuda":
                torch.cuda.synchronize()

        runs = {name: partial(complete, run) for name, run in variants.items()}
        for name, seconds in median_seconds(runs, self.sizes.rounds).items():
            self.rates[name] = images / seconds
            click.echo(f"| {name} | {self.rates[name]:,.0f} images/s |")


def resize(images: Sequence[Tensor]) -> Tensor:
    """Returns uint8 images (3, h, w) on a device as normalised crops (B, 3, 224, 224)."""
    rows: dict[torch.Size, list[int]] = {}
    for row, image in enumerate(images):
        rows.setdefault(image.shape, []).append(row)
    crops = images[0].new_empty(len(images), 3, 224, 224)
    for shape, same in rows.items():
        pixels = torch.stack([images[row] for row in same]).float()
        size = PREPROCESSING.resized_shape(*shape[1:])
        pixels = functional.interpolate(pixels, size, mode="bilinear", antialias=True)
        pixels = pixels.round_().clamp_(0, 255).to(torch.uint8)
        crops[same] = torch.stack([crop_pixels(item, PREPROCESSING, View(0)) for item in pixels])
    return normalize(crops, PREPROCESSING)


def _paths(split: Split) -> list[Path]:
    return [image_path(split.voc_dir, image_id) for image_id in split.image_ids]


def _cut(rows: Sequence[int], size: int) -> list[list[View]]:
    return [central_views(rows[start : start + size]) for start in range(0, len(rows), size)]


def _consume(batches: Iterable[object]) -> None:
    for _ in batches:
        pass


@click.command()
@click.option(
    "--root-dir", type=click.Path(path_type=Path), help="VOC folder; by default the demo data set."
)
@click.option("--weights", default="none", help="ResNet18 weights file; by default random weights.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also writes the rates.")
@click.option("--device", default="cuda", hidden=True, help="cpu, to rehearse.")
@click.option("--quick", is_flag=True, hidden=True, help="A few images, to rehearse.")
def main(
    root_dir: Path | None, weights: str, json_file: Path | None, device: str, quick: bool
) -> None:
    """Measure scoring and training on a GPU, and compare its scores with the CPU's."""
    if device == "cuda" and not torch.cuda.is_available():
        built = torch.version.cuda or "no CUDA"
        click.echo(f"skipped: PyTorch {torch.__version__} (built for {built}) finds no CUDA GPU")
        return
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        if root_dir is None:
            unpack_demo(_ROOT / "demo" / "scenes.zip", Path(folder) / "demo")
            root_dir = Path(folder) / "demo" / "DemoScenes"
        sizes = QUICK if quick else Sizes()
        bench = Bench(root_dir, Path(folder), weights, torch.device(device), sizes)
        for stage in (bench.decoding, bench.forward, bench.scoring, bench.training):
            stage()
        differences, shares = bench.equality(), bench.shares()
    for name, share in shares.items():
        click.echo(f"{name}: {share:.2f} of its slowest stage")
    for name, difference in differences.items():
        click.echo(f"scores in {name}: at most {difference:.4f} from the CPU's")
    if json_file:
        content = {"machine": machine, "images/s": bench.rates, "shares": shares}
        content["greatest differences"] = differences
        json_file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    if not all(difference <= TOLERANCE for difference in differences.values()):
        raise click.ClickException(f"the CPU's scores differ by more than {TOLERANCE}")


if __name__ == "__main__":
    main()
