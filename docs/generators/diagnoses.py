"""The diagnoses of a verdict, from the back end's own."""

from backend.verdict.verdict import diagnoses


def page() -> str:
    """One section for each, in the order in which they are listed."""
    sections = (
        (
            f"## {one.title}",
            f"`{name}`: {one.question}",
            f"**Rule.** {one.rule}",
            f"**Limit.** {one.threshold}",
        )
        for name, one in diagnoses().items()
    )
    return "".join(f"{paragraph}\n\n" for section in sections for paragraph in section)
