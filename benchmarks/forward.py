"""The backbone alone, on images that are there: which way of computing it pays on this CPU.

Baseline: the network as torchvision makes it, in float32. The others are the folded one, computed
by PyTorch with channels last and by OpenVINO, which scoring takes.
"""

from collections.abc import Callable
from functools import partial

import click
import torch
from torch import Tensor
from turns import describe_machine, median_seconds

from voc_model.inference.backbone import TOLERANCE, cast_network, compile_for_cpu, fold
from voc_model.inference.devices import usable_precision
from voc_model.model.resnet import ResNet18
from voc_model.model.settings import Precision


@click.command()
@click.option("--images", default=64, show_default=True, help="Images of a batch.")
@click.option("--rounds", default=5, show_default=True, help="How often each way runs, in turns.")
def main(images: int, rounds: int) -> None:
    """Measure images/s of each way, and how far its features are from the baseline's."""
    describe_machine()
    if usable_precision("bfloat16", torch.device("cpu")) != "bfloat16":
        click.echo("this CPU only imitates bfloat16: the figures of it are of no use")
    torch.manual_seed(0)
    exact = ResNet18(1).backbone.eval()
    batch = torch.randn(images, 3, 224, 224)
    channels_last = batch.to(memory_format=torch.channels_last)
    baseline = "PyTorch, float32"
    ways: dict[str, Callable[[], Tensor]] = {baseline: partial(exact, batch)}
    precisions: tuple[Precision, ...] = ("float32", "bfloat16")
    for precision in precisions:
        cast = cast_network(fold(exact), precision)
        compiled = compile_for_cpu(fold(exact), precision)
        ways[f"PyTorch, folded, {precision}"] = partial(cast, channels_last)
        ways[f"OpenVINO, folded, {precision}"] = partial(compiled, channels_last)
    with torch.inference_mode():
        features = {name: way() for name, way in ways.items()}
        seconds = median_seconds(ways, rounds)
    size = features[baseline].norm()
    deviations = {
        name: float((mine - features[baseline]).norm() / size) for name, mine in features.items()
    }
    for name, taken in seconds.items():
        click.echo(
            f"{name:28} {images / taken:>7.1f} images/s, ratio {seconds[baseline] / taken:.2f}, "
            f"deviation {deviations[name]:.1e} of the features' size ({TOLERANCE} is allowed)"
        )
    if max(deviations.values()) > TOLERANCE:
        raise click.ClickException("the features are others")


if __name__ == "__main__":
    main()
