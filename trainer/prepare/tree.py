"""Files below a folder, linked folders included; no folder is read twice, so that links that loop end."""

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from trainer.prepare.names import as_text, ending, few, hidden, is_folder, leads_nowhere


@dataclass
class Tree:
    """All files below a folder that are no hidden ones, as paths from there, and what was not followed."""

    root: Path
    files: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    """Links to folders that are read already, such as those that hold the link."""
    dangling: list[str] = field(default_factory=list)
    """Links that lead nowhere."""
    closed: list[str] = field(default_factory=list)
    """Folders that can't be listed."""

    def of(self, endings: Collection[str]) -> list[str]:
        """Files with one of these endings, whatever their capitals."""
        return [name for name in self.files if ending(name) in endings]

    def remarks(self) -> tuple[str, ...]:
        """Links and folders that were not followed, one sentence each."""
        said = (
            ("Links to folders that are read already, or that hold the link, are not followed", self.again),
            ("Links that lead nowhere", self.dangling),
            ("Folders that can't be listed", self.closed),
        )
        return tuple(f"{what}: {few(names)}." for what, names in said if names)


def walk(root: Path) -> Tree:
    """Look through a folder; a folder's own files come before those that a link leads to."""
    tree, seen = Tree(root), set[str]()
    ahead, links = [""], list[str]()
    while ahead or links:
        name = ahead.pop() if ahead else links.pop(0)
        place = os.path.realpath(root / name)
        if place in seen:
            tree.again.append(as_text(name))
            continue
        seen.add(place)
        inside, linked = _enter(name, tree)
        ahead += reversed(inside)
        links += linked
    tree.files.sort()
    return tree


def _enter(name: str, tree: Tree) -> tuple[list[str], list[str]]:
    """Add the files of one folder; its folders, and its links to folders."""
    inside, linked = list[str](), list[str]()
    try:
        entries = sorted(os.scandir(tree.root / name), key=lambda entry: entry.name)
    except OSError:
        tree.closed.append(as_text(name) or ".")
        return inside, linked
    for entry in entries:
        path = f"{name}/{entry.name}" if name else entry.name
        if hidden(entry.name):
            continue
        if is_folder(entry):
            (linked if entry.is_symlink() else inside).append(path)
            continue
        tree.files.append(path)
        if leads_nowhere(entry):
            tree.dangling.append(as_text(path))
    return inside, linked
