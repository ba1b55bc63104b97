"""`make test-lowest`: prints, as constraints for pip, the lowest version of each package that pyproject.toml admits."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest(project: dict[str, object]) -> dict[str, str]:
    """The floor of each package of a project; the highest where extras differ: one environment holds them all."""
    extras = (line for lines in project["optional-dependencies"].values() for line in lines)
    floors: dict[str, str] = {}
    for line in (*project["dependencies"], *extras):
        match = re.match(r"([\w.-]+)(?:\[\w+\])?>=([\d.]+)", line)
        if match is None and line.startswith(f"{project['name']}["):
            continue  # an extra of our own within another
        if match is None:
            raise ValueError(
                f"{PROJECT.name}: a dependency must give its lowest version, got {line!r}; write name>=1.2"
            )
        floors[match[1]] = max(match[2], floors.get(match[1], "0"), key=numbers)
    return floors


def numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


if __name__ == "__main__":
    for name, version in lowest(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]).items():
        print(f"{name}=={version}")
