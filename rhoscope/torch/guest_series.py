"""The series of a guest's balance, for charts, tables, and exports."""

from rhoscope.series import Series

_ALONE = {
    "split": "the modality's part of the linear head, and an equal share of its bias",
    "probe": "a linear probe on the encoder's features, scored before it learns from the batch",
    "ablate": "the head, with the other modalities' features replaced",
    "given": "predictions that the program handed over",
}


def of_guest(task: str, alone: str, *, noisy: bool, masked: bool) -> tuple[Series, ...]:
    """Declarations with `{m}` in their names, for a task and a way of scoring a modality alone."""
    way = f"Scored by {_ALONE[alone]}."
    score = {
        "classes": (
            "1/N Σᵢ softmax(z_u,ᵢ)[yᵢ]",
            "Mean probability that the modality alone gives the right class.",
        ),
        "labels": (
            "½ mean σ(z_u) over positives + ½ mean (1 − σ(z_u)) over negatives",
            "Positives and negatives count half each, so that many easy negatives do not hide the others.",
        ),
        "regression": (
            "corr(z_u, y)²",
            "Squared correlation of the modality's own prediction with the target: an extension of ours, "
            "since the paper is about classes.",
        ),
    }[task]
    listed = [
        _one("score.{m}", "Score s", score[0], f"{score[1]} {way}"),
        _one(
            "rho.{m}",
            "Discrepancy ratio ρ",
            "ρ_u = mean over v ≠ u of s_u / s_v",
            f"Above 1, this modality is ahead of the others; below 1, it lags behind. {way}",
            scale="log",
            reference=1.0,
        ),
        _one(
            "k.{m}",
            "Coefficient k",
            "g_u ← k_u · g_u",
            "Factor of this encoder's gradient: 1 leaves it.",
            reference=1.0,
        ),
        _one("loss.{m}", "Loss of one modality", "mean over the batch", f"Of the modality alone. {way}"),
        _one(
            "grad_norm.{m}",
            "Gradient norm before and after modulation",
            "‖g_u‖₂",
            "Before modulation.",
            scale="log",
            role="before",
        ),
        _one(
            "grad_norm_modulated.{m}",
            "Gradient norm after modulation",
            "‖k_u · g_u + h_u‖₂",
            "After the coefficient and any noise.",
            scale="log",
            role="after",
            chart="grad_norm",
        ),
    ]
    if task != "regression":
        listed.append(
            _one(
                "accuracy.{m}",
                "Accuracy of one modality",
                "share of correct predictions",
                f"Of the modality alone. {way}",
            )
        )
    if noisy:
        listed += [
            _one("noise.{m}", "Added noise", "‖h_u‖₂", "Norm of the noise added to the encoder's gradient."),
            _one(
                "noise_std.{m}",
                "Standard deviation of the added noise",
                "σ_u",
                "Root mean square over entries.",
            ),
        ]
    if masked:
        listed.append(
            _one(
                "present.{m}",
                "Samples with this modality",
                "n_u",
                "Number of samples in the step that have it.",
            )
        )
    return tuple(listed)


def _one(name: str, title: str, formula: str, help: str, **more: object) -> Series:
    return Series.model_validate(
        {"name": name, "title": title, "unit": "1", "formula": formula, "help": help, **more}
    )
