"""The environment of a user's program holds no secret of ours."""

from pathlib import Path

from rhoscope.commands import Resumption
from rhoscope.projects.file import FILE, read
from rhoscope.tracker.launched import Launched
from trainer.programs.environment import environment

PRESENT = {
    "PATH": "/bin",
    "HOME": "/home/ann",
    "PYTHONHOME": "/usr",
    "RHOSCOPE_API_TOKEN": "secret",
    "RHOSCOPE_REDIS_URL": "redis://:secret@host/0",
    "RHOSCOPE_DATABASE_URL": "postgresql://me:secret@host/x",
    "RHOSCOPE_DATA_DIR": "/data",
    "RHOSCOPE_RUN": "other",
}


def test_it_names_the_run_and_none_of_our_secrets(tmp_path: Path) -> None:
    (tmp_path / "own" / "bin").mkdir(parents=True)
    (tmp_path / "own" / "bin" / "python").symlink_to("/bin/sh")
    text = "command: sh a\nenvironment: own\ncheckpoints: kept\nvariables: {A: 007}\nsettings_as: environment"
    (tmp_path / FILE).write_text(f"{text}\nsettings: {{lr: {{type: number, default: 1e-2}}}}\n")
    launched = Launched("0f3a", 2, tmp_path / "runs" / "0f3a")
    there = Resumption(path="/ckpt/10.pt", step=10)
    given = environment(PRESENT, read(tmp_path, "/bin"), {"lr": 0.01}, launched, there)
    assert "secret" not in str(given)
    assert given == {
        "PATH": f"{tmp_path}/own/bin:/bin",
        "HOME": "/home/ann",
        "PYTHONUNBUFFERED": "1",
        "VIRTUAL_ENV": f"{tmp_path}/own",
        "A": "007",
        "LR": "0.01",
        "RHOSCOPE_RUN": "0f3a",
        "RHOSCOPE_ATTEMPT": "2",
        "RHOSCOPE_DIR": f"{tmp_path}/runs",
        "RHOSCOPE_CHECKPOINTS": f"{tmp_path}/kept/0f3a/2",
        "RHOSCOPE_RESUME_FROM": "/ckpt/10.pt",
        "RHOSCOPE_RESUME_STEP": "10",
    }
    assert Launched.present(given) == launched
