"""Analyses -> a pandas table, and the files that pandas writes. pandas comes with the extra `joint-stance[table]`."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.document import STANCES, Analysis, TargetKind
from stance.outputs import replaced
from stance.rows import Row, rows_of

if TYPE_CHECKING:
    import pandas as pd

BINARY = {".parquet": "pyarrow", ".xlsx": "xlsxwriter"}  # endings of files that are no text, and what writes them
_MOST_ROWS = 1_048_575  # that a sheet holds below its heading
_LONGEST_CELL = 32_767  # characters of a cell of a sheet


def to_frame(analyses: Analysis | Mapping[str, Analysis] | Iterable[Analysis]) -> pd.DataFrame:
    """One row for each judgement: document, date, issuers, holder, target, stance, strength, probabilities, sentence.

    Parameters
    ----------
    analyses
        Analyses by the name of their document, or one or more without names, which are then numbered from 0.

    Returns
    -------
    pandas.DataFrame
        The columns of `stance.rows.Row`. `date` is datetime64; `stance` and `kind` are categories in a fixed order, so
        that counts name all of them; ids are missing where the lexicon knows none.

    Raises
    ------
    ModuleNotFoundError
        Where pandas is not installed.

    Examples
    --------
    >>> import stance
    >>> frame = to_frame({"a.txt": stance.analyze("Peru condemned the attack.")})
    >>> frame[["file", "holder_id", "stance", "target"]].values.tolist()
    [['a.txt', 'PER', 'condemn', 'attack']]
    """
    if isinstance(analyses, Analysis):
        analyses = [analyses]
    named = analyses if isinstance(analyses, Mapping) else {str(n): a for n, a in enumerate(analyses)}
    return frame_of(row for name, analysis in named.items() for row in rows_of(name, analysis))


def frame_of(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as a pandas table with the types that `to_frame` promises."""
    pandas = require("pandas")
    frame = pandas.DataFrame.from_records(list(rows), columns=Row._fields)
    frame["date"] = pandas.to_datetime(frame["date"])
    for column, values in (("stance", STANCES), ("kind", TargetKind)):
        frame[column] = pandas.Categorical(frame[column], categories=list(map(str, values)))
    return frame


def write_frame(rows: Sequence[Row], path: str) -> None:
    """Write rows as Parquet or as a sheet of Excel, as the ending of the file says.

    In a sheet dates are dates and every text is text: none is taken for a formula or a link.

    Raises
    ------
    ValueError
        Where a sheet cannot hold that many rows.
    ModuleNotFoundError
        Where pandas or what it writes with is not installed.
    """
    ending = Path(path).suffix.lower()
    if ending == ".xlsx" and len(rows) > _MOST_ROWS:
        raise ValueError(f"{path}: a sheet holds {_MOST_ROWS:,} rows, got {len(rows):,}; write .parquet or .csv")
    require(BINARY[ending])
    frame = frame_of(rows)
    made = io.BytesIO()  # a full disk, met by the writers themselves, is told as an error of something else
    if ending == ".parquet":
        frame.to_parquet(made, engine="pyarrow", index=False)
    else:
        _write_sheet(frame, made)
    with replaced(path) as (partial,):
        partial.write_bytes(made.getvalue())


def _write_sheet(frame: pd.DataFrame, file: io.BytesIO) -> None:
    frame["sentence"] = frame["sentence"].str.slice(0, _LONGEST_CELL)
    frame["date"] = frame["date"].dt.date
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with require("pandas").ExcelWriter(file, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        frame.to_excel(writer, sheet_name="stances", index=False, freeze_panes=(1, 0))


def require(*modules: str) -> Any:
    """The last of the modules, all of which are imported.

    Raises
    ------
    ModuleNotFoundError
        Where one of them is not installed, with the way to install it.
    """
    try:
        return [import_module(module) for module in modules][-1]
    except ModuleNotFoundError as error:
        reason = f"this needs the package {error.name}, which is not installed; run: pip install 'joint-stance[table]'"
        raise ModuleNotFoundError(reason, name=error.name) from None
