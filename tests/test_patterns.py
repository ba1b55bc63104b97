"""Every regular expression of the package on texts made to hurt it.

Looking for nested quantifiers in the parsed patterns would neither find the two `\\s*` of `\\s*\\n?\\s*`, nor leave
`(?:[^\\n]*\\n){0,60}` in peace. So each pattern gets texts made of its own parts: ways to each of its repetitions, then
thousands of what may repeat there, then what cannot follow. A pattern is judged by how it is used: one that is matched
at the beginning alone is not searched.
"""

import ast
import importlib
import itertools
import re
import signal
from pathlib import Path
from re import _parser as parser

import pytest

import stance

PACKAGE = Path(stance.__file__).parent
METHODS = {"match", "fullmatch", "search", "sub", "split", "findall", "finditer", "subn"}
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem not in ("__main__", "spark"))
LENGTH = 5_000
BUDGET = 0.04  # seconds of the processor for a text of that length: what grows with its square takes twice that or more
# Built at run time of words that the user gives: re.escape leaves no repetition in them but \\s+ between words.
ESCAPED = {"registry", "mending", "rows", "table"}

BY_OTHERS = {"segmentation:re_boundary_realignment": "match"}  # NLTK looks with it at the beginning of a sentence


def used():
    """Each pattern with the method it is used by, and where it stands."""
    for module in MODULES:
        source = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
        names = vars(importlib.import_module(f"stance.{module}"))
        targets = {
            node.value: ast.unparse(node.targets[0]) for node in ast.walk(source) if isinstance(node, ast.Assign)
        }
        for node in ast.walk(source):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner, method = node.func.value, node.func.attr
            if ast.unparse(owner) == "re" and method in METHODS | {"compile"}:
                try:
                    pattern = eval(ast.unparse(node.args[0]), dict(names))  # noqa: S307 - our own source
                except NameError:
                    assert module in ESCAPED, f"{module}:{node.lineno}: a pattern must be told before it is used"
                    continue
                flags = [word.value for word in node.keywords if word.arg == "flags"] + node.args[1:]
                flag = eval(ast.unparse(flags[-1]), dict(names)) if method == "compile" and flags else 0  # noqa: S307
                yield f"{module}:{targets.get(node, node.lineno)}", re.compile(pattern, flag), method
            elif isinstance(names.get(ast.unparse(owner)), re.Pattern) and method in METHODS:
                yield f"{module}:{ast.unparse(owner)}", names[ast.unparse(owner)], method


def patterns():
    """Each pattern once with a place and whether it is searched for, or matched at the beginning alone."""
    found = {}
    for place, pattern, method in used():
        key = (pattern.pattern, pattern.flags)
        _, methods = found.setdefault(key, (place, set()))
        methods.add(method)
    for (source, flags), (place, methods) in found.items():
        called = methods - {"compile"} or {BY_OTHERS.get(place, "search")}
        yield place, re.compile(source, flags), not called <= {"match", "fullmatch"}


FOUND = list(patterns())


def sample(item):
    """A few texts that a node of a parsed pattern takes, the first for what comes before it."""
    kind, value = str(item[0]), item[1]
    if kind == "LITERAL":
        return [chr(value)]
    if kind == "IN":
        return in_set(value)
    if kind in ("ANY", "NOT_LITERAL"):
        return ["a", " "]
    if kind == "BRANCH":
        return [first(branch) for branch in value[1][:6]]
    if kind == "SUBPATTERN":
        return [first(value[-1])]
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return [one * max(value[0], 1) for one in samples(value[2])]
    return [""]


def samples(sequence):
    """Some texts that a sequence takes: each of its parts in each way, the others in their first."""
    parts = [sample(item) or [""] for item in sequence]
    usual = [part[0] for part in parts]
    return list(
        dict.fromkeys("".join([*usual[:n], one, *usual[n + 1 :]]) for n, part in enumerate(parts) for one in part)
    ) or [""]


def first(sequence):
    return samples(sequence)[0]


def in_set(items):
    """A character for each part of a set, or some that a negated set takes."""
    classes = {"CATEGORY_SPACE": " \n", "CATEGORY_DIGIT": "1", "CATEGORY_WORD": "a1", "CATEGORY_NOT_SPACE": "a,"}
    taken = []
    for kind, value in items:
        if str(kind) == "LITERAL":
            taken.append(chr(value))
        elif str(kind) == "RANGE":
            taken.append(chr(value[0]))
        elif str(kind) == "CATEGORY":
            taken += classes.get(str(value), ", ")
    if str(items[0][0]) == "NEGATE":
        return [one for one in "a 1,\n" if one not in taken]
    return taken[:8]


def repetitions(sequence, before=""):
    """For each repetition within a sequence, the text that leads to it and those that may repeat there."""
    for item in sequence:
        kind, value = str(item[0]), item[1]
        if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            if value[1] > 9:
                yield before, samples(value[2])
            yield from repetitions(value[2], before)
        elif kind == "SUBPATTERN":
            yield from repetitions(value[-1], before)
        elif kind == "BRANCH":
            for branch in value[1]:
                yield from repetitions(branch, before)
        elif kind in ("ASSERT", "ASSERT_NOT"):
            yield from repetitions(value[1], before)
        before += (sample(item) or [""])[0]


def hostile(pattern):
    """Texts made of the parts of a pattern."""
    ways = list(repetitions(parser.parse(pattern.pattern, pattern.flags)))
    units = dict.fromkeys(unit for _, repeated in ways for unit in repeated if unit)
    letters = list(dict.fromkeys("".join(units)))[:8]
    pumps = dict.fromkeys([*letters, *units, *("".join(pair) for pair in itertools.permutations(letters, 2))])
    for before in dict.fromkeys(["", *(before for before, _ in ways)]):
        for pump in list(pumps)[:30]:
            yield before + pump * (LENGTH // len(pump)) + "\0"


def too_long(pattern, text, searched):
    """Whether a pattern needs more than its budget; the engine lets itself be interrupted."""

    def stop(*_):
        raise TimeoutError

    text = text if isinstance(pattern.pattern, str) else text.encode()
    usual = signal.signal(signal.SIGVTALRM, stop)
    try:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, BUDGET)
            for _ in pattern.finditer(text) if searched else [pattern.match(text)]:
                pass
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except TimeoutError:
        return True
    finally:
        signal.signal(signal.SIGVTALRM, usual)
    return False


def slow(pattern, searched):
    """The beginning and the end of the first text that takes too long, also when tried again; None if all goes well."""
    for text in hostile(pattern):
        if all(too_long(pattern, text, searched) for _ in range(3)):
            return text[:40], text[-10:]
    return None


@pytest.mark.parametrize(("place", "pattern", "searched"), FOUND, ids=[place for place, _, _ in FOUND])
def test_pattern_takes_no_text_long(place, pattern, searched):
    assert slow(pattern, searched) is None


@pytest.mark.parametrize("bad", [r"\s*\n\s*\n\s*x", r"a*a*b", r"(?:[ab]|a\w)*c", r"\w+,", r"(?:x[^y]*)*z", r"(a+)+b"])
def test_bad_pattern_is_found_out(bad):
    assert slow(re.compile(bad), searched=True) is not None


def test_all_patterns_are_seen():
    compiled = {
        (value.pattern, value.flags)
        for module in MODULES
        for owner in (vars(importlib.import_module(f"stance.{module}")),)
        for value in owner.values()
        if isinstance(value, re.Pattern)
    }
    assert compiled <= {(pattern.pattern, pattern.flags) for _, pattern, _ in FOUND}
    assert len(FOUND) > 40
