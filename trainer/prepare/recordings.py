"""Recordings of a source, by their names: which file a clip of a list is, and what is there where none is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from trainer.prepare.names import as_text, ending, few, same, stem
from trainer.prepare.source import MEDIA
from trainer.prepare.tree import Tree, walk

PREFIX = 11
"""Letters of a video's id, which its file's name usually begins with."""
SEARCHED = 20
"""Missing clips whose id is looked for anywhere in all names, which takes long."""


@dataclass
class Recordings:
    """Files of a source that may be clips, as paths from there, by their stem in one Unicode form."""

    tree: Tree
    below: str = ""
    """The folder they are in, as part of every path."""
    endings: Sequence[str] = MEDIA
    patterns: Counter[str] = field(default_factory=Counter)
    """How many clips go by each pattern of name."""
    _searched: int = 0

    @classmethod
    def of(cls, folder: Path, below: str = "", endings: Sequence[str] = MEDIA) -> "Recordings":
        """All below a folder, linked folders included."""
        return cls(walk(folder), f"{below}/" if below else "", endings)

    @cached_property
    def by_stem(self) -> dict[str, str]:
        """Paths by stem; of several the first in order."""
        return {stem(Path(name).name): self.below + name for name in reversed(self.tree.of(self.endings))}

    @cached_property
    def _by_id(self) -> dict[str, list[str]]:
        ids = defaultdict(list)
        for name in self.by_stem:
            ids[name[:PREFIX]].append(name)
        return ids

    def find(self, names: Iterable[tuple[str, str]]) -> str:
        """The path of the first of these names that is there; counts the pattern each comes with."""
        for name, pattern in names:
            if path := self.by_stem.get(same(name)):
                self.patterns[pattern] += 1
                return path
        return ""

    def path_of(self, names: Iterable[tuple[str, str]]) -> str:
        """As `find`, of a clip that is not counted."""
        return next((path for name, _ in names if (path := self.by_stem.get(same(name)))), "")

    def lack(self, looked_for: Sequence[str], part: str) -> str:
        """The names of a recording that were looked for, and what is there that has a part of them.

        >>> Recordings(Tree(Path()), "", ()).lack(["a_1", "a"], "a")
        'looked for a_1 or a; there is no recording at all'
        """
        near = self._by_id.get(part[:PREFIX], [])
        if not near and self._searched < SEARCHED:
            self._searched += 1
            near = [name for name in self.by_stem if part in name]
        other = [name for name in self.tree.files if stem(Path(name).name) in looked_for]
        return f"looked for {' or '.join(looked_for)}; there is {self._instead(near, other)}"

    def _instead(self, near: Sequence[str], other: Sequence[str]) -> str:
        if near:
            return few(as_text(Path(self.by_stem[name]).name) for name in near)
        if other:
            return f"{few(map(as_text, other))}, which is no recording by its ending"
        if self.by_stem:
            first = as_text(Path(next(iter(sorted(self.by_stem.values())))).name)
            return f"none of that name among {len(self.by_stem)} recordings such as {first}"
        kinds = Counter(ending(name) or "no ending" for name in self.tree.files)
        held = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(3))
        return "no recording at all" + (f" (only {held})" if held else "")

    def remarks(self, usual: str, usual_ending: str) -> tuple[str, ...]:
        """Differences of the names from those published, which are read all the same, one sentence each."""
        odd = {pattern: count for pattern, count in self.patterns.items() if pattern != usual}
        kinds = Counter(ending(path) for path in self.by_stem.values())
        others = {kind: count for kind, count in kinds.items() if kind != usual_ending}
        capitals = [path for path in self.by_stem.values() if not path.endswith(ending(path))]
        said = list(self.tree.remarks())
        if odd:
            listed = ", ".join(f"{count} {pattern}" for pattern, count in odd.items())
            said.append(f"Clips are named {usual} as published, and here: {listed}; they are read.")
        if others:
            listed = ", ".join(f"{count} {kind}" for kind, count in others.items())
            said.append(f"Recordings end in {usual_ending} as published, and here: {listed}; they are read.")
        if capitals:
            said.append(
                f"Capitals and spaces in endings are forgiven: {few(map(as_text, sorted(capitals)))}."
            )
        return tuple(said)


def cut_names(video: str, start: int, end: int) -> list[tuple[str, str]]:
    """Names that programs give a clip cut from a video, in seconds and in milliseconds, with their pattern.

    >>> cut_names("a", 5, 15)[0]
    ('a_000005_000015', 'ID_START_END of six digits')
    """
    return [
        (f"{video}_{start:06d}_{end:06d}", "ID_START_END of six digits"),
        (f"{video}_{start}_{end}", "ID_START_END"),
        (f"{video}_{1000 * start}_{1000 * end}", "ID_START_END in milliseconds"),
        (f"{video}_{start:06d}", "ID_START of six digits"),
        (f"{video}_{start}", "ID_START without zeros"),
        (f"{video}_{1000 * start}", "ID_START in milliseconds"),
    ]
