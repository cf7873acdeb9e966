"""What a project's worker announces: its file as it is now, and no name that another worker has."""

import os
import threading
import time
from pathlib import Path

import pytest
from redis import Redis

from rhoscope import keys
from rhoscope.errors import Conflict
from rhoscope.projects.file import FILE, read
from trainer.announcement import Offer, beat, check_alone, of_project, status_of

TEXT = "name: net\ncommand: sh a\nsettings: {{lr: {{type: number, default: {}}}}}\n"


def default(offer: Offer) -> object:
    return offer.look().plugins[0].settings["lr"]["default"]


def test_a_changed_file_is_announced_and_a_broken_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text(TEXT.format("0.1"))
    project = read(tmp_path, os.environ["PATH"])
    offer = Offer(of_project(project), project)
    assert default(offer) == 0.1
    file.write_text(TEXT.format("0.25"))
    assert default(offer) == 0.25
    for broken in ("command: [", TEXT.format("0.5").replace("net", "other")):
        file.write_text(broken)
        assert default(offer) == 0.25
    file.unlink()
    assert default(offer) == 0.25


def test_two_projects_of_one_name_are_refused_unless_they_are_the_same_or_one_is_gone(
    tmp_path: Path, redis_client: Redis
) -> None:
    made = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / FILE).write_text(TEXT.format(number))
        made.append(of_project(read(folder, os.environ["PATH"])))
    status = status_of("cpu", made[0])
    other = beat(redis_client, status.model_copy(update={"name": "other", "pid": os.getppid()}), made[0])
    check_alone(redis_client, status)
    with pytest.raises(Conflict, match="Worker other runs a program 'net' with other settings"):
        check_alone(redis_client, status_of("cpu", made[1]), 0)
    check_alone(redis_client, status_of("cpu", made[1]).model_copy(update={"name": "other"}), 0)
    beat(redis_client, other.model_copy(update={"pid": 2**22 + 1, "seen": time.time()}), made[0])
    check_alone(redis_client, status_of("cpu", made[1]), 0)
    assert redis_client.exists(keys.worker("other"))


def test_a_worker_waits_until_the_others_of_a_project_have_read_its_changed_file(
    tmp_path: Path, redis_client: Redis
) -> None:
    (tmp_path / FILE).write_text(TEXT.format("0.1"))
    old = of_project(read(tmp_path, os.environ["PATH"]))
    (tmp_path / FILE).write_text(TEXT.format("0.2"))
    new = of_project(read(tmp_path, os.environ["PATH"]))
    other = status_of("cpu", old).model_copy(update={"name": "other", "pid": os.getppid()})
    beat(redis_client, other, old)
    reads_again = threading.Timer(
        0.5, lambda: beat(redis_client, other.model_copy(update={"catalog": new.digest()}), new)
    )
    reads_again.start()
    check_alone(redis_client, status_of("cpu", new), 30)
    reads_again.join()
