"""Work is split among processes so that every image belongs to exactly one."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from voc_model.cpu import usable_cores
from voc_model.errors import SettingsError
from voc_model.inference.distributed import SINGLE_PROCESS, World, init_distributed
from voc_model.model.settings import TrainSettings
from voc_model.training.epochs import plan_epoch, split_batches


@given(st.integers(0, 100), st.integers(1, 20))
def test_every_item_belongs_to_one_rank(items: int, count: int) -> None:
    parts = [World(rank, count).share(range(items)) for rank in range(count)]
    assert sorted(item for part in parts for item in part) == list(range(items))
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 20))
def test_batches_are_split_without_single_images(images: int, count: int, batch_size: int) -> None:
    settings = TrainSettings(trainable="all", batch_size=batch_size)
    plan = plan_epoch(range(images), settings, epoch=1)
    parts = [split_batches(plan, World(rank, count)) for rank in range(count)]
    for step, batch in enumerate(plan):
        own = [part[step] for part in parts]
        assert sorted(view for views in own for view in views) == sorted(batch)
        assert all(len(views) != 1 for views in own) or len(batch) == 1


def test_a_single_process_needs_no_communication() -> None:
    tensor = torch.tensor([1.0, 2.0])
    SINGLE_PROCESS.all_reduce_sum([tensor])
    SINGLE_PROCESS.broadcast_tensors([tensor])
    SINGLE_PROCESS.barrier()
    assert tensor.tolist() == [1, 2]
    assert SINGLE_PROCESS.gather("mine") == ["mine"]
    assert SINGLE_PROCESS.broadcast(3) == 3
    assert SINGLE_PROCESS.share([1, 2, 3]) == [1, 2, 3]
    with SINGLE_PROCESS.rank_zero_first():
        pass


def test_without_torchrun_there_is_a_single_process() -> None:
    with pytest.raises(SettingsError, match="mine"), init_distributed() as world:
        assert world is SINGLE_PROCESS
        raise SettingsError("mine")


def test_processes_on_a_machine_share_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    cores = usable_cores()
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    assert usable_cores() == max(1, cores // 2)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "1000")
    assert usable_cores() == 1
