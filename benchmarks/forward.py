"""The forward pass of the backbone: which backend and precision are fastest on this CPU.

The images are in memory already. Baseline: torchvision's network in float32. Compared with it is
the network with folded batch normalisation, run by PyTorch in channels-last format and by OpenVINO,
which scoring uses.
"""

from collections.abc import Callable
from functools import partial

import click
import torch
from timing import describe_machine, median_seconds
from torch import Tensor

from voc_model.inference.backbone import TOLERANCE, cast_network, compile_for_cpu, fold
from voc_model.inference.devices import usable_precision
from voc_model.model.classifier import Classifier
from voc_model.model.setting_fields import Precision


@click.command()
@click.option("--images", default=64, show_default=True, help="Images per batch.")
@click.option("--rounds", default=5, show_default=True, help="Measurements of each variant.")
def main(images: int, rounds: int) -> None:
    """Measure images/s of each variant and how much its features deviate from the baseline."""
    describe_machine()
    if usable_precision("bfloat16", torch.device("cpu")) != "bfloat16":
        click.echo("this CPU only emulates bfloat16: its bfloat16 results are meaningless")
    torch.manual_seed(0)
    exact = Classifier(1).backbone.eval()
    batch = torch.randn(images, 3, 224, 224)
    channels_last = batch.to(memory_format=torch.channels_last)
    baseline = "PyTorch, float32"
    variants: dict[str, Callable[[], Tensor]] = {baseline: partial(exact, batch)}
    precisions: tuple[Precision, ...] = ("float32", "bfloat16")
    for precision in precisions:
        cast = cast_network(fold(exact), precision)
        compiled = compile_for_cpu(fold(exact), precision)
        variants[f"PyTorch, folded, {precision}"] = partial(cast, channels_last)
        variants[f"OpenVINO, folded, {precision}"] = partial(compiled, channels_last)
    with torch.inference_mode():
        features = {name: forward() for name, forward in variants.items()}
        seconds = median_seconds(variants, rounds)
    norm = features[baseline].norm()
    deviations = {
        name: float((own - features[baseline]).norm() / norm) for name, own in features.items()
    }
    for name, taken in seconds.items():
        click.echo(
            f"{name:28} {images / taken:>7.1f} images/s, ratio {seconds[baseline] / taken:.2f}, "
            f"relative deviation {deviations[name]:.1e} (limit {TOLERANCE})"
        )
    if max(deviations.values()) > TOLERANCE:
        raise click.ClickException("the features deviate too much")


if __name__ == "__main__":
    main()
