"""A folded network as a graph that OpenVINO computes: on CPUs faster than PyTorch itself."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import openvino as ov
import torch
from openvino import opset13 as ops
from torch import Tensor, fx, nn

from voc_model.model.settings import Precision, pair

_HINTS: Mapping[Precision, str] = {"float32": "f32", "bfloat16": "bf16"}


def compile_for_cpu(network: nn.Module, precision: Precision) -> Callable[[Tensor], Tensor]:
    """Returns a function of images (B, 3, H, W) float32 that gives what the network does, float32.

    Args:
        network: of convolutions, ReLUs, poolings and sums, as a folded ResNet is.

    Raises:
        NotImplementedError: the network has a layer of another kind.
    """
    # Images come with channels last.
    images = ops.parameter([-1, -1, -1, 3], np.float32)
    channels_first = ops.transpose(images, np.array([0, 3, 1, 2]))
    graph = ov.Model([_GraphBuilder(fx.symbolic_trace(network)).run(channels_first)], [images])
    compiled = ov.Core().compile_model(
        graph,
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        },
    )

    def compute(images: Tensor) -> Tensor:
        pixels = images.permute(0, 2, 3, 1).contiguous().numpy()
        return torch.from_numpy(compiled(pixels)[0])

    return compute


class _GraphBuilder(fx.Interpreter):
    """Runs a traced network on nodes of a graph in place of tensors."""

    def call_module(self, target: Any, args: Any, kwargs: Any) -> Any:
        layer, (node,) = self.fetch_attr(target), args
        match layer:
            case nn.Identity():
                return node
            case nn.ReLU():
                return ops.relu(node)
            case nn.Conv2d(groups=1, padding_mode="zeros"):
                filters = ov.op.Constant(layer.weight.numpy())
                pads = layer.padding
                convolved = ops.convolution(node, filters, layer.stride, pads, pads, layer.dilation)
                if layer.bias is None:
                    return convolved
                return ops.add(convolved, ov.op.Constant(layer.bias.view(1, -1, 1, 1).numpy()))
            case nn.MaxPool2d(dilation=1, ceil_mode=False):
                kernel, stride, pads = map(pair, (layer.kernel_size, layer.stride, layer.padding))
                return ops.max_pool(node, stride, (1, 1), pads, pads, kernel).output(0)
            case nn.AdaptiveAvgPool2d(output_size=(1, 1)):
                return ops.reduce_mean(node, np.array([2, 3]), keep_dims=True)
        raise NotImplementedError(f"no node for {layer}")

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        if target is operator.add:
            return ops.add(*args)
        if target is torch.flatten and args[1:] == (1,):
            return ops.reshape(args[0], np.array([0, -1]), special_zero=True)
        raise NotImplementedError(f"no node for {target}")
