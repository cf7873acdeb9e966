"""Blocks that follow each other without a seam, as one: the same rows, with one header for all."""

from collections.abc import Sequence

import numpy as np

from rhoscope.records import Block, BlockHeader


def follows(before: Block, block: Block) -> bool:
    """Whether a block's rows have the same series as those before it, and later steps."""
    first, second = before.header, block.header
    return (
        first.attempt == second.attempt
        and first.names == second.names
        and first.wide == second.wide
        and before.steps[-1] < block.steps[0]
    )


def join(blocks: Sequence[Block]) -> Block:
    """Blocks [at least one] that follow each other as one; of its times the first and the last are kept."""
    first, last = blocks[0].header, blocks[-1].header
    if len(blocks) == 1:
        return blocks[0]
    n, thinned = sum(block.header.n for block in blocks), any(block.header.thinned for block in blocks)
    times = (first.times[0], last.times[1])
    header = BlockHeader(first.run, first.attempt, first.names, n, times, thinned, first.wide)
    steps = np.concatenate([block.steps for block in blocks])
    return Block(header, steps, np.concatenate([block.values for block in blocks], axis=1))
