"""On a GPU: scoring, training and their floors in images/s, and equality of scores with the CPU.

Without CUDA it says so and measures nothing. Images are those of the demo data set, repeated: files
come from the page cache. The network is first trained for a few epochs, so that scores spread; its
speed does not depend on the weights. Rows that begin with "ours" measure the project's own code,
the others are alternatives. A measurement that fails is reported and the others go on.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click
import torch
import torchvision
from decoding import PREPROCESSING
from gpu_loading import (
    BATCH,
    copy_variants,
    decoding_variants,
    thread_batches,
)
from gpu_network import (
    TOLERANCE,
    add_ceiling,
    add_equality,
    compiled_mode,
    cpu_scores,
    deviates,
    forward_variant,
    forward_variants,
    mode_scores,
    modes,
    scorers,
)
from gpu_report import Report, Row, Variant
from gpu_training import (
    Labels,
    compiled_step,
    epoch_variants,
    file_loop,
    head_variants,
    make_settings,
    step_variants,
)
from timing import describe_machine
from torch import Tensor

from voc_model.cpu import usable_cores
from voc_model.data.demo import unpack_demo
from voc_model.data.voc import image_path, read_split
from voc_model.inference.devices import Compute
from voc_model.model.checkpoint import initial_model
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import normalize

_ARCHIVE = Path(__file__).parents[1] / "demo" / "scenes.zip"
# Seconds that torch.compile may take.
_COMPILING_S = 45


@dataclass(frozen=True)
class Sizes:
    """How many images each stage handles.

    Attributes:
        scored: files decoded and scored, some of them repeatedly.
        trained: files of a training epoch.
        checked: files whose scores are compared with the CPU's.
        batch: images in memory.
        step: images of a training step.
        epochs: of the training before the measurements.
        times: calls between two readings of the clock, for what is in memory.
    """

    scored: int = 16384
    trained: int = 1400
    checked: int = 512
    batch: int = BATCH
    step: int = 32
    epochs: int = 8
    times: int = 20


QUICK = Sizes(scored=3, trained=4, checked=2, batch=2, step=2, epochs=1, times=1)


class Bench:
    """The stages, in order of importance, on one model and data set."""

    def __init__(
        self,
        report: Report,
        voc_dir: Path,
        folder: Path,
        weights: str,
        device: torch.device,
        sizes: Sizes,
    ) -> None:
        self.report, self.device, self.sizes = report, device, sizes
        self._folder = folder
        self._found: dict[str, Tensor] = {}
        self.cores = min(usable_cores(), 16)  # as many workers as the project starts
        split = read_split(voc_dir, "train")
        paths = [image_path(voc_dir, image_id) for image_id in split.image_ids]
        self.train_paths = paths[: sizes.trained]
        self.labels: Labels = split.labels[: sizes.trained]
        val = [image_path(voc_dir, name) for name in read_split(voc_dir, "val").image_ids]
        files = val + paths
        self.paths = (files * -(-sizes.scored // len(files)))[: sizes.scored]
        self.settings = make_settings(weights, sizes.epochs, sizes.step)
        self.compute = Compute(device, "bfloat16", self.cores)
        self.model = self._train()
        self.pixels = torch.cat(list(thread_batches(self.paths[: sizes.checked], self.cores)))
        self.images = normalize(self.pixels[: sizes.batch].to(device), PREPROCESSING)

    def _train(self) -> Classifier:
        """Returns a model whose scores spread, in evaluation mode."""
        model = initial_model(self.settings, self.labels.shape[1]).place_on(self.device)
        compute = replace(self.compute, workers=0)
        loop = file_loop(
            model, self.labels, self.train_paths, self.settings, compute, keep_decoded=True
        )
        losses = [loop.train(epoch) for epoch in range(1, self.sizes.epochs + 1)]
        click.echo(f"mean loss of each epoch: {', '.join(f'{loss:.3f}' for loss in losses)}")
        return loop.learner.model.eval()

    def loading(self) -> None:
        """Measures decoding, copying, and both."""
        batch = self.pixels[: self.sizes.batch]
        decode, load = decoding_variants(self.paths, self.cores, self.device)
        self.report.measure("decode", decode, 30)
        self.report.measure("load", load, 8)
        self.report.measure("copy", copy_variants(batch, self.device, self.sizes.times), 8)

    def forward(self) -> None:
        """Measures the network alone and its arithmetic ceiling."""
        add_ceiling(self.report, self.model, self.device)
        variants = forward_variants(self.model, self.images, self.sizes.times)
        self.report.measure("forward", variants, 20)

    def scoring(self) -> None:
        """Measures the way from files to scores and keeps the scores."""
        few = self.paths[: self.sizes.batch]

        def variant(name: str, score: Callable[[list[Path]], Tensor]) -> Variant:
            return Variant(
                name,
                lambda: self._found.update({name: score(self.paths)}),
                len(self.paths),
                warm_up=lambda: score(few),
            )

        ways = scorers(self.model, self._folder, self.device, self.cores)
        self.report.measure("score", [variant(*way) for way in ways.items()], 45)

    def equality(self) -> None:
        """Compares scores with the CPU's."""
        batches = [self.pixels[start : start + 64] for start in range(0, len(self.pixels), 64)]
        expected = cpu_scores(self.model, batches)
        span = f"{float(expected.min()):.4f} to {float(expected.max()):.4f}"
        spread = f"{float(expected.std()):.3f}"
        click.echo(f"scores of {len(expected)} images: {span}, standard deviation {spread}")
        images = normalize(self.pixels.to(self.device), PREPROCESSING)
        for name, network in modes(self.model, self.device).items():
            with self.report.surviving("equality", name):
                scores = mode_scores(self.model, network, images)
                add_equality(self.report, f"{name}: network", scores, expected)
        for name, scores in self._found.items():
            found = scores[: len(expected)]
            add_equality(self.report, f"{name}: files to scores", found, expected)

    def training(self) -> None:
        """Measures steps on images in memory, epochs over files and the head alone."""
        model, settings, report = self.model, self.settings, self.report
        times = self.sizes.times
        steps = step_variants(model, self.images, self.labels, settings, times)
        report.measure("train", steps, 20)
        epochs = epoch_variants(model, self.labels, self.train_paths, settings, self.compute)
        report.measure("train files", epochs, 20)
        devices = dict.fromkeys((self.device, torch.device("cpu")))
        report.measure("train head", head_variants(model, self.labels, list(devices)), 6)

    def compiled(self) -> None:
        """Measures what torch.compile gains, as far as there is time for it."""
        times = self.sizes.times
        for stage in ("forward", "train"):
            name = f"compiled {stage}"
            if self.report.seconds_left < _COMPILING_S:
                self.report.skip(stage, name)
                continue
            with self.report.surviving(stage, name):
                if stage == "forward":
                    network = compiled_mode(self.model, self.device)
                    variant = forward_variant("compiled, bfloat16", network, self.images, times)
                else:
                    variant = compiled_step(
                        self.model, self.images, self.labels, self.settings, times
                    )
                self.report.measure(stage, [variant], 60)

    def shares(self) -> None:
        """Adds which share of their slowest stage's rate scoring and training reach."""
        copying = {"copy": ("copy", "ours, uint8 pinned")}
        scoring = copying | {
            "decode": ("decode", f"ours, {self.cores} workers"),
            "forward": ("forward", "ours, bfloat16"),
        }
        training = copying | {
            "loading": ("train files", "ours, loading alone"),
            "steps": ("train", "ours, bfloat16"),
        }
        self._share("score", "ours, bfloat16", scoring)
        self._share("train files", "ours, decoded in every epoch", training)

    def _share(self, stage: str, name: str, floors: dict[str, tuple[str, str]]) -> None:
        rates = {key: self.report.value(*floor) for key, floor in floors.items()}
        known = {key: rate for key, rate in rates.items() if rate is not None}
        reached = self.report.value(stage, name)
        if reached is None or len(known) < len(floors):
            return
        slowest = min(known, key=lambda key: known[key])
        share = reached / known[slowest]
        self.report.add(Row("share", stage, share, "of the slowest stage", f"which is {slowest}"))

    def run(self) -> None:
        """Runs all stages."""
        stages = {
            "load": self.loading, "forward": self.forward, "score": self.scoring,
            "equality": self.equality, "train": self.training, "compile": self.compiled,
            "share": self.shares,
        }  # fmt: skip
        for name, stage in stages.items():
            with self.report.surviving(name, "the whole stage"):
                stage()
            if self.device.type == "cuda":
                memory = torch.cuda.max_memory_allocated() / 1e9
                self.report.add(Row(name, "greatest GPU memory", memory, "GB"))
                torch.cuda.reset_peak_memory_stats()


@click.command()
@click.option(
    "--root-dir", type=click.Path(path_type=Path), help="VOC folder; by default the demo data set."
)
@click.option("--weights", default="none", help="ResNet18 weights file; by default random weights.")
@click.option("--budget-s", default=220.0, show_default=True, help="Seconds that it may take.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also writes the rows.")
@click.option("--device", default="cuda", hidden=True, help="cpu, to rehearse.")
@click.option("--quick", is_flag=True, hidden=True, help="A few images, to rehearse.")
def main(
    root_dir: Path | None,
    weights: str,
    budget_s: float,
    json_file: Path | None,
    device: str,
    quick: bool,
) -> None:
    """Measure scoring and training on a GPU, and compare its scores with the CPU's."""
    if device == "cuda" and not torch.cuda.is_available():
        built = torch.version.cuda or "no CUDA"
        click.echo(f"skipped: PyTorch {torch.__version__} (built for {built}) finds no CUDA GPU")
        return
    report = Report(budget_s, 1) if quick else Report(budget_s)
    machine = describe_machine()
    libraries = f"torchvision {torchvision.__version__}, CUDA {torch.version.cuda}"
    version = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    click.echo(f"{libraries}, cuDNN {version}")
    with tempfile.TemporaryDirectory() as folder:
        if root_dir is None:
            unpack_demo(_ARCHIVE, Path(folder) / "demo")
            root_dir = Path(folder) / "demo" / "DemoScenes"
        sizes = QUICK if quick else Sizes()
        Bench(report, root_dir, Path(folder), weights, torch.device(device), sizes).run()
    click.echo("\n| stage | variant | value | note |\n|---|---|---|---|")
    for row in report.rows:
        click.echo(row.cells())
    if json_file:
        report.write(json_file, machine)
    if report.failed:
        raise click.ClickException("some measurements failed")
    differing = [row.name for row in report.rows if deviates(row)]
    if differing:
        raise click.ClickException(f"the CPU's scores differ by more than {TOLERANCE}: {differing}")


if __name__ == "__main__":
    main()
