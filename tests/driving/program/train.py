"""A user's program: it halves a weight, saves it every ten steps, and goes on from what it saved."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import rhoscope


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--delay", type=float, required=True)
    parser.add_argument("--fails", action="store_true")
    options = parser.parse_args()
    ours = " ".join(sorted(name for name in os.environ if name.startswith("RHOSCOPE_")))
    sys.stdout.write(f"seed {os.environ['SEED']} of {ours}\n")
    run = rhoscope.init(config=vars(options))
    lr = run.knob("lr", options.lr, ge=0, le=1)
    folder = Path(os.environ["RHOSCOPE_CHECKPOINTS"])
    folder.mkdir(parents=True, exist_ok=True)
    begin, weight = 0, 1.0
    if run.resume_from:
        begin, weight = json.loads(Path(run.resume_from).read_text())
        sys.stdout.write(f"goes on at step {begin}\n")
    for step in range(begin, options.steps):
        if run.should_stop:
            break
        weight *= 1 - lr()
        run.log({"loss": weight, "lr": lr()}, step=step)
        if step == 3:
            run.media("weight", f"{weight:.3f}", step=step)
        if options.fails and step == 12:
            raise ValueError("there is no more data")
        if step % 10 == 9:
            path = folder / f"{step + 1}.json"
            path.write_text(json.dumps([step + 1, weight]))
            run.checkpoint(path, step + 1)
        time.sleep(options.delay)


if __name__ == "__main__":
    main()
