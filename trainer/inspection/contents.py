"""Contents of data sets, by opening them and reading a few of their files.

    python -m trainer.inspection.contents QUESTIONS ANSWERS

Reads a `rhoscope.inspection.Question` as JSON from each line of one file descriptor and answers each with an
`Answer` on a line of another, until the questions end.
"""

import argparse
import logging
import os
import sys
from typing import cast

from rhoscope.composition import Contents
from rhoscope.errors import RhoscopeError
from rhoscope.inspection import Answer, Question
from rhoscope.local.process import watch_parent
from trainer.attempt.assembly import contents_of, pick
from trainer.dataset import Dataset, FromFolder
from trainer.plugins import load

GLANCE_S = 1.0
"""Time for reading some of the files: whoever fills in a form waits for it."""
log = logging.getLogger("rhoscope.inspection")


def look(dataset: str, settings: dict[str, object]) -> Contents:
    """The contents of a data set under these settings.

    Raises:
        InvalidInput: when there is no such data set, or it can't be trained on as it is.
    """
    cls = cast("type[Dataset]", load("dataset", dataset))
    chosen, _ = pick(cls.Settings, settings)
    if isinstance(chosen, FromFolder):
        chosen.existing(dataset)
    opened = cls(chosen)
    opened.glance(GLANCE_S)
    contents = contents_of(opened)
    if isinstance(chosen, FromFolder) and chosen.start():
        where = f"The relative folder '{chosen.folder}' is {chosen.place(dataset)} on the worker."
        contents.remarks.append(where)
    return contents


def answer(question: Question) -> Answer:
    """Never raises: whatever a data set's code does, the next question is answered as well."""
    try:
        return Answer(question=question.id, contents=look(question.dataset, question.settings))
    except RhoscopeError as error:
        return Answer(question=question.id, problem=error.problem())
    except Exception:
        log.exception("The data set '%s' could not be inspected.", question.dataset)
        return Answer(question=question.id)


def main() -> int:
    line = argparse.ArgumentParser(prog="python -m trainer.inspection.contents", description=__doc__)
    for name in ("questions", "answers"):
        line.add_argument(name, type=int, help="a file descriptor")
    given = line.parse_args()
    watch_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    with (
        os.fdopen(given.questions, encoding="utf-8") as questions,
        os.fdopen(given.answers, "w", encoding="utf-8") as answers,
    ):
        for question in questions:
            answers.write(answer(Question.model_validate_json(question)).model_dump_json() + "\n")
            answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
