"""Blocks as a worker writes them, given to the page's own record of a run."""

import base64
from typing import Any

import numpy as np
from playwright.sync_api import Page

from rhoscope.records import Block

FROM_BASE64 = "(text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer"
RECORD = "const asked = []; const r = new rhoscope.Record('r', (a, b) => asked.push([a, b]), 64);"


def sent(block: Block) -> str:
    return base64.b64encode(block.encode()).decode()


def block(attempt: int, steps: list[int], values: list[float] | None = None, run: str = "r") -> Block:
    column = np.array([values if values is not None else steps], np.float32)
    return Block.make(run, attempt, ["loss"], np.array(steps, np.int32), column, (0.0, 1.0))


def rows(page: Page, *blocks: Block, then: str) -> Any:
    """What `then` gives after a record took these blocks."""
    script = f"""(texts) => {{ {RECORD}
      for (const text of texts) r.rows(rhoscope.decode(({FROM_BASE64})(text)));
      return {then}; }}"""
    return page.evaluate(script, [sent(b) for b in blocks])
