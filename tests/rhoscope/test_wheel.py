"""The wheel holds the package `rhoscope` and nothing else, and works beside a user's own `trainer.py`."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import trainer, backend
import rhoscope, torch
from torch import nn

assert trainer.MINE and backend.MINE
assert rhoscope.__file__.startswith(SITE), rhoscope.__file__
net = nn.ModuleDict({"a": nn.Linear(2, 3), "b": nn.Linear(2, 3)})
head = nn.Linear(6, 2)
optimizer = torch.optim.SGD([*net.parameters(), *head.parameters()], lr=0.1)
run = rhoscope.init("av", mode="offline")
balance = rhoscope.Balance(dict(net), head=head, optimizer=optimizer, strategy="ogm-ge")
x, y = torch.randn(8, 2), torch.arange(8) % 2
loss = nn.functional.cross_entropy(head(torch.cat([net["a"](x), net["b"](x)], 1)), y)
balance.observe(y)
loss.backward()
optimizer.step()
run.finish()
assert run.step == 0
"""


def test_a_bare_installation_of_the_wheel_reports_a_run(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-cache-dir"]
    build = [*pip, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT]
    subprocess.run(build, check=True, timeout=250)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        tops = {name.split("/")[0] for name in content.namelist()}
        site = tmp_path / "site"
        content.extractall(site)
    assert sorted(top.partition("-")[0] for top in tops) == ["rhoscope", "rhoscope"]
    work = tmp_path / "work"
    work.mkdir()
    for name in ("trainer", "backend"):
        (work / f"{name}.py").write_text("MINE = True\n")
    (work / "mine.py").write_text(PROGRAM.replace("SITE", repr(str(site))))
    path = os.pathsep.join([str(site), sysconfig.get_paths()["purelib"]])
    bare = [sys.executable, "-S", "mine.py"]  # -S: no .pth file, so not the editable install
    subprocess.run(bare, cwd=work, env=os.environ | {"PYTHONPATH": path}, check=True, timeout=120)
