"""Series that a run has only when a setting of the loop enables them."""

from rhoscope.series import Series

BASELINE = (
    Series(
        name="alone.{m}",
        role="alone",
        title="Best accuracy of the modality alone",
        unit="1",
        formula="max over epochs of 1/N Σᵢ 1[argmax of the modality trained alone = yᵢ], validation split",
        help="Accuracy that the same encoder reaches under its own head: the potential of its branch.",
        chart="accuracy",
        sparse=True,
    ),
    Series(
        name="shortfall.{m}",
        title="Shortfall against the modality alone",
        unit="1",
        formula="best accuracy alone − validation accuracy of the branch in the joint network",
        help="Above 0, joint training leaves this branch under-optimized by this amount: the paper's "
        "claim, live.",
        reference=0.0,
        sparse=True,
    ),
)
"""Additional series of a run with `baseline_epochs`."""

PROBE = (
    Series(
        name="probe.accuracy.{m}",
        role="probe",
        title="Accuracy of a linear probe",
        unit="1",
        formula="1/N Σᵢ 1[argmax of a linear classifier on frozen φ_u = yᵢ] over the validation split",
        help="Accuracy of a classifier fitted on the encoder's features alone, independent of the joint "
        "head.",
        chart="accuracy",
        sparse=True,
    ),
    Series(
        name="test.probe.accuracy.{m}",
        role="test probe",
        title="Test accuracy of a linear probe",
        unit="1",
        formula="1/N Σᵢ 1[argmax of a linear classifier on frozen φ_u = yᵢ] over the test split",
        help="Measured once, at the end, with the weights of the best validation epoch.",
        chart="accuracy",
        sparse=True,
    ),
)
"""Additional series of a run with `probe_every`."""

BUDGET = (
    Series(
        name="sgd_noise.{m}",
        role="own",
        title="Noise budget",
        unit="1",
        formula="tr Σ_u, Σ_u the covariance of the mini-batch gradient, over the modulated parameters",
        help="SGD's own noise in the encoder's gradient, estimated from four micro-batches of this batch.",
        scale="log",
        sparse=True,
    ),
    Series(
        name="sgd_noise_left.{m}",
        role="left",
        title="Noise left by the coefficient",
        unit="1",
        formula="k_u² tr Σ_u",
        help="SGD's own noise after the coefficient has reduced the gradient.",
        chart="sgd_noise",
        scale="log",
        sparse=True,
    ),
    Series(
        name="sgd_noise_total.{m}",
        role="total",
        title="Total noise after modulation",
        unit="1",
        formula="k_u² tr Σ_u + n σ_u²",
        help="Noise in the gradient passed to the optimizer: remaining plus added. With the paper's "
        "estimator "
        "(k² + 1) tr Σ.",
        chart="sgd_noise",
        scale="log",
        sparse=True,
    ),
)
"""Additional series of a run with `noise_budget_every`."""

OPTIONAL = {"baseline_epochs": BASELINE, "probe_every": PROBE, "noise_budget_every": BUDGET}
"""Series of the loop by the setting that enables them."""
