"""Memory that a thread keeps for copies: the same at each step, another one in each thread."""

from threading import Thread

import torch

from rhoscope.torch.rooms import MOST, TOGETHER, Rooms


def test_a_room_is_the_same_memory_each_time_and_as_numpy_has_it() -> None:
    rooms = Rooms()
    first = rooms.tensor(10, torch.float32).fill_(1.0)
    again = rooms.tensor(20, torch.float32)
    assert first.data_ptr() == again.data_ptr()
    rooms.array(10, torch.float32)[0] = 5.0
    assert first[0].item() == 5.0
    assert rooms.tensor(10, torch.float64).data_ptr() != first.data_ptr()
    assert Rooms().tensor(10, torch.float32).data_ptr() != first.data_ptr()


def test_memory_is_bounded_however_many_sizes_there_are() -> None:
    rooms = Rooms()
    whole = rooms.tensor(TOGETHER, torch.float32)
    pointers = {rooms.array(n, torch.float32).ctypes.data for n in range(1, 3 * MOST)}
    assert pointers == {whole.data_ptr()}
    assert len(rooms._tensors) <= MOST
    assert len(rooms._arrays) <= MOST


def test_two_threads_have_rooms_of_their_own() -> None:
    rooms = Rooms()
    here = rooms.tensor(10, torch.float32)
    there: list[torch.Tensor] = []
    thread = Thread(target=lambda: there.append(rooms.tensor(10, torch.float32)))
    thread.start()
    thread.join()
    assert there[0].data_ptr() != here.data_ptr()


def test_a_number_is_one_tensor_whose_value_changes() -> None:
    rooms = Rooms()
    one = rooms.number(0.25, torch.float32)
    assert (one.ndim, one.item()) == (0, 0.25)
    assert rooms.number(0.5, torch.float32) is one
    assert one.item() == 0.5
