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


def late_obstacle(parameters: Parameters) -> str | None:
    """Why a step's gradients are not all there, as where the network was wrapped after `Balance` was made."""
    every = [p for each in parameters.values() for p in each]
    if any(map(_in_flat_one, every)):
        return "FSDP has put the encoders' parameters into flat ones, so norms are those of a part"
    if all(p.grad is None for p in every):
        return "no encoder has a gradient, so nothing is modulated"
    return None


def _shared(parameters: Parameters, *_: object) -> str | None:
    owner: dict[int, str] = {}
    for m, each in parameters.items():
        for parameter in each:
            if (other := owner.setdefault(id(parameter), m)) != m:
                return f"the encoders of '{other}' and '{m}' share parameters"
    return None


def _flat(parameters: Parameters, modules: Mapping[str, nn.Module], *_: object) -> str | None:
    """FSDP1's marks: on what it has flattened, and on modules that it has taken the parameters from."""
    flat = any(_in_flat_one(p) for each in parameters.values() for p in each)
    emptied = any(
        getattr(part, "_is_fsdp_managed_module", False) and not getattr(part, "_fsdp_use_orig_params", True)
        for one in modules.values()
        for part in one.modules()
    )
    if flat or emptied:
        return "FSDP keeps encoders' parameters in flat ones; fully_shard (FSDP2) keeps them apart"
    return None


def _in_flat_one(parameter: Tensor) -> bool:
    return bool(getattr(parameter, "_fsdp_flattened", False))


def measurable(parameters: Parameters) -> dict[str, tuple[Tensor, ...]]:
    """Without windows into FSDP's flat parameters, of which a process may see none: no norm is known."""
    return {
        m: tuple(p for p in each if not _in_flat_one(p) or getattr(p, "_is_flat_param", False))
        for m, each in parameters.items()
    }


def _deepspeed(parameters: Parameters, _modules: object, optimizer: Optimizer | None) -> str | None:
    theirs = type(optimizer).__module__.startswith("deepspeed")
    every = [p for each in parameters.values() for p in each]
    hooks = [hook for p in every for hook in (getattr(p, "_post_accumulate_grad_hooks", None) or {}).values()]
    theirs |= any(str(getattr(hook, "__module__", "")).startswith("deepspeed") for hook in hooks)
    if theirs or any(hasattr(p, "ds_id") for p in every):
        return "DeepSpeed keeps gradients to itself"
    return None


def _in_backward(parameters: Parameters, *_: object) -> str | None:
    for each in parameters.values():
        for p in each:
            if hasattr(p, "_in_backward_optimizers") or getattr(p, "_post_accumulate_grad_hooks", None):
                return "the optimizer steps during the backward pass"
    return None


_CHECKS: tuple[Callable[..., str | None], ...] = (_shared, _flat, _deepspeed, _in_backward)
