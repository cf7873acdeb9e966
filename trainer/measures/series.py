"""The series that every run has, for charts, tables and exports.

Letters: N samples of the batch, z logits (z_u those of modality u alone), y the right class, g gradients.
"""

from rhoscope.series import Series

SHARED = (
    Series(
        name="loss",
        title="Training loss",
        unit="nats",
        formula="L = −1/N Σᵢ log softmax(zᵢ)[yᵢ]",
        help="The minimized loss over this step's batch. Strategies that weight several losses show "
        "their sum.",
        reduce="mean",
    ),
    Series(
        name="loss.{m}",
        title="Training loss of one modality",
        unit="nats",
        formula="L_u = −1/N Σᵢ log softmax(z_u,ᵢ)[yᵢ]",
        help="Cross-entropy of the modality's own logits on this step's batch: how well its branch does "
        "alone. Over those examples that have the modality.",
        reduce="mean",
    ),
    Series(
        name="accuracy",
        title="Accuracy",
        unit="1",
        formula="1/N Σᵢ 1[argmax zᵢ = yᵢ]",
        help="Share of correct predictions on this step's training batch, before the step. The "
        "validation and "
        "test lines in the same chart cover whole splits.",
        reduce="mean",
    ),
    Series(
        name="accuracy.{m}",
        title="Accuracy of one modality",
        unit="1",
        formula="1/N Σᵢ 1[argmax z_u,ᵢ = yᵢ]",
        help="Share of correct predictions from the modality's own logits on this step's training batch.",
        reduce="mean",
    ),
    Series(
        name="score.{m}",
        title="Score s",
        unit="1",
        formula="s_u / N = 1/N Σᵢ softmax(z_u,ᵢ)[yᵢ]",
        help="Mean probability that the modality alone assigns to the correct class. The paper sums over the "
        "batch; the mean makes batch sizes comparable and leaves every ratio unchanged.",
        reduce="mean",
    ),
    Series(
        name="rho.{m}",
        title="Discrepancy ratio ρ",
        unit="1",
        formula="ρ_u = mean over v ≠ u of s_u / s_v",
        help="Above 1, this modality is ahead of the others on the batch and dominates; below 1, it lags "
        "behind. "
        "With two modalities, one line mirrors the other. Examples that lack one of two are left out.",
        scale="log",
        reference=1.0,
    ),
    Series(
        name="k.{m}",
        title="Coefficient k",
        unit="1",
        formula="g_u ← k_u · g_u",
        help="Factor by which the strategy multiplied this encoder's gradient: 1 leaves it unchanged, near 0 "
        "almost stops the encoder.",
        reference=1.0,
    ),
    Series(
        name="grad_norm.{m}",
        role="before",
        title="Gradient norm before and after modulation",
        unit="1",
        formula="‖g_u‖₂ over all parameters of the encoder",
        help="Norm of the encoder's gradient before modulation. Where it falls far below the other "
        "encoder's, "
        "this encoder has stopped learning.",
        scale="log",
        every="norms_every",
    ),
    Series(
        name="grad_norm_modulated.{m}",
        role="after",
        title="Gradient norm after modulation",
        unit="1",
        formula="‖k_u · g_u + h_u‖₂ over all parameters of the encoder",
        help="Norm of the gradient passed to the optimizer, after the coefficient and any added noise. "
        "Equal to the norm before modulation where nothing was modulated. Where noise was added, every "
        "effects_every steps.",
        chart="grad_norm",
        scale="log",
        every="norms_every",
    ),
    Series(
        name="effective_step.{m}",
        title="Effective step",
        unit="1",
        formula="‖θ_u,t+1 − θ_u,t‖₂ / ‖θ_u,t‖₂ over all parameters of the encoder",
        help="How far the optimizer moved the encoder, relative to its size. With Adam, a constant k "
        "cancels out "
        "of the step: k falls and this line does not. Of an encoder with more than a million weights, over "
        "the first rows of each tensor.",
        scale="log",
        every="effects_every",
    ),
)
"""Series that every strategy's steps emit."""

NOISE = (
    Series(
        name="noise.{m}",
        title="Added noise",
        unit="1",
        formula="‖h_u‖₂ over all parameters of the encoder",
        help="Norm of the noise added to the encoder's gradient in this step; compare it with the "
        "gradient norm. "
        "0 outside the modulation window.",
        every="effects_every",
    ),
    Series(
        name="noise_std.{m}",
        title="Standard deviation of the added noise",
        unit="1",
        formula="σ_u = √(1/n Σⱼ σⱼ²) over the n entries noise was added to",
        help="Standard deviation the noise was drawn with, per gradient entry (root mean square): the "
        "intended "
        "strength, where the norm is that of the noise actually drawn.",
    ),
)
"""Series that strategies with gradient noise emit in addition."""


def noisy(series: tuple[Series, ...]) -> tuple[Series, ...]:
    """These series and `NOISE`, of a strategy that adds noise after modulation.

    Gradients with noise in them are measured where effects are, so there are fewer norms after modulation
    than before it.
    """
    rarer = {"every": "norms_every,effects_every"}
    after = "grad_norm_modulated.{m}"
    return (*(one.model_copy(update=rarer) if one.name == after else one for one in series), *NOISE)


LOOP = (
    Series(
        name="lr",
        title="Learning rate",
        unit="1",
        formula="η_t = lr · schedule(t)",
        help="Learning rate of this step: the setting times the schedule's factor.",
    ),
    Series(
        name="throughput",
        title="Throughput",
        unit="examples/s",
        formula="n · N / (t_now − t_n steps ago), n ≤ 20",
        help="Training examples per second over the last 20 steps on this machine, with all costs of a step.",
        reduce="sum",
    ),
    Series(
        name="val.loss",
        title="Validation loss",
        unit="nats",
        formula="−1/N Σᵢ log softmax(zᵢ)[yᵢ] over the validation split",
        help="Cross-entropy on held-out examples, after the epoch.",
        chart="loss",
        sparse=True,
    ),
    Series(
        name="val.loss.{m}",
        title="Validation loss of one modality",
        unit="nats",
        formula="−1/N Σᵢ log softmax(z_u,ᵢ)[yᵢ] over the validation split",
        help="Cross-entropy of the modality's own logits on the validation split.",
        chart="loss",
        sparse=True,
    ),
    Series(
        name="val.accuracy",
        title="Validation accuracy",
        unit="1",
        formula="1/N Σᵢ 1[argmax zᵢ = yᵢ] over the validation split",
        help="Share of correct predictions on held-out examples; the best epoch is chosen by it.",
        chart="accuracy",
        sparse=True,
    ),
    Series(
        name="val.accuracy.{m}",
        title="Validation accuracy of one modality",
        unit="1",
        formula="1/N Σᵢ 1[argmax z_u,ᵢ = yᵢ] over the validation split",
        help="Share of correct predictions from the modality's own logits on the validation split.",
        chart="accuracy",
        sparse=True,
    ),
    Series(
        name="gap",
        title="Generalization gap",
        unit="1",
        formula="mean training accuracy of the epoch − validation accuracy",
        help="How much better the network is on its training data. A dominant modality with a large gap fits "
        "faster than it generalizes: balancing can help.",
        reference=0.0,
        sparse=True,
    ),
    Series(
        name="gap.{m}",
        title="Generalization gap of one modality",
        unit="1",
        formula="mean training accuracy of z_u in the epoch − validation accuracy of z_u",
        help="The gap of the modality's own logits; training accuracy is measured during the epoch, while "
        "the weights still move.",
        reference=0.0,
        sparse=True,
    ),
    Series(
        name="test.accuracy",
        title="Test accuracy",
        unit="1",
        formula="1/N Σᵢ 1[argmax zᵢ = yᵢ] over the test split",
        help="Measured once, at the end, with the weights of the best validation epoch.",
        chart="accuracy",
        sparse=True,
    ),
    Series(
        name="test.accuracy.{m}",
        title="Test accuracy of one modality",
        unit="1",
        formula="1/N Σᵢ 1[argmax z_u,ᵢ = yᵢ] over the test split",
        help="Accuracy of the modality's own logits, with the weights of the best validation epoch.",
        chart="accuracy",
        sparse=True,
    ),
)
"""Series that the training loop adds to every run."""
