"""Of however many processes, each image is in the part of one; alone, a process asks no other."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from voc_model.cpu import usable_cores
from voc_model.errors import SettingsError
from voc_model.inference.distributed import ALONE, Processes, joined
from voc_model.model.settings import TrainSettings
from voc_model.training.epochs import divide, plan_epoch


@given(st.integers(0, 100), st.integers(1, 20))
def test_every_item_is_in_one_part(items: int, count: int) -> None:
    parts = [Processes(rank, count).part(range(items)) for rank in range(count)]
    assert sorted(item for part in parts for item in part) == list(range(items))
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 20))
def test_every_image_of_a_batch_is_in_one_part_and_none_is_single(
    images: int, count: int, batch_size: int
) -> None:
    settings = TrainSettings(trainable="all", batch_size=batch_size)
    plan = plan_epoch(range(images), settings, epoch=1)
    parts = [divide(plan, Processes(rank, count)) for rank in range(count)]
    for step, batch in enumerate(plan):
        own = [part[step] for part in parts]
        assert sorted(view for views in own for view in views) == sorted(batch)
        assert all(len(views) != 1 for views in own) or len(batch) == 1


def test_alone_all_is_as_it_stands() -> None:
    tensor = torch.tensor([1.0, 2.0])
    ALONE.add_up([tensor])
    ALONE.copy_first([tensor])
    ALONE.wait()
    assert tensor.tolist() == [1, 2]
    assert ALONE.gather("mine") == ["mine"]
    assert ALONE.from_first(lambda: 3) == 3
    assert ALONE.part([1, 2, 3]) == [1, 2, 3]


def test_without_torchrun_a_process_is_alone() -> None:
    with pytest.raises(SettingsError, match="mine"), joined() as processes:
        assert processes is ALONE
        raise SettingsError("mine")


def test_the_processes_of_a_machine_share_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    cores = usable_cores()
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    assert usable_cores() == max(1, cores // 2)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "1000")
    assert usable_cores() == 1
