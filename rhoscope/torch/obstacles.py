"""Ways of training in which an encoder's gradient can't be modulated, each with its reason."""

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn
from torch.optim import Optimizer

Parameters = Mapping[str, Sequence[Tensor]]


def obstacle(
    parameters: Parameters, modules: Mapping[str, nn.Module], optimizer: Optimizer | None
) -> str | None:
    """Why nothing may be modulated; None where nothing is in the way.

    `modules`: by modality, where encoders were given as modules.
    """
    for check in _CHECKS:
        if reason := check(parameters, modules, optimizer):
            return reason
    return None


def noise_obstacle(parameters: Parameters) -> str | None:
    """Why no noise may be added: its strength is that of whole tensors."""
    if any(hasattr(p, "placements") for each in parameters.values() for p in each):
        return "parameters are split over processes, none of which knows the noise's strength"
    return None


def _shared(parameters: Parameters, *_: object) -> str | None:
    owner: dict[int, str] = {}
    for m, each in parameters.items():
        for parameter in each:
            if (other := owner.setdefault(id(parameter), m)) != m:
                return f"the encoders of '{other}' and '{m}' share parameters"
    return None


def _flat(parameters: Parameters, modules: Mapping[str, nn.Module], *_: object) -> str | None:
    wrapped = any(
        type(part).__name__ == "FullyShardedDataParallel"
        for one in modules.values()
        for part in one.modules()
    )
    flat = any(
        hasattr(p, "_sharded_size") or hasattr(p, "_is_flat_param")
        for each in parameters.values()
        for p in each
    )
    if wrapped or flat:
        return "FSDP keeps encoders' parameters in flat ones; fully_shard (FSDP2) keeps them apart"
    return None


def _deepspeed(parameters: Parameters, _modules: object, optimizer: Optimizer | None) -> str | None:
    theirs = type(optimizer).__module__.startswith("deepspeed")
    if theirs or any(hasattr(p, "ds_id") for each in parameters.values() for p in each):
        return "DeepSpeed keeps gradients to itself"
    return None


def _in_backward(parameters: Parameters, *_: object) -> str | None:
    for each in parameters.values():
        for p in each:
            if hasattr(p, "_in_backward_optimizers") or getattr(p, "_post_accumulate_grad_hooks", None):
                return "the optimizer steps during the backward pass"
    return None


_CHECKS: tuple[Callable[..., str | None], ...] = (_shared, _flat, _deepspeed, _in_backward)
