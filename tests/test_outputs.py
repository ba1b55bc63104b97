import errno
import multiprocessing
import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from test_model import small_model

from stance import load, save
from stance.documents import write_lines
from stance.outputs import replaced

FULL = "/dev/full"


def test_output_takes_its_place_once_all_is_written(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with replaced(path) as (partial,):
        partial.write_text("new")
        assert (path.read_text(), partial.suffix, partial.parent) == ("old", ".csv", tmp_path)
    assert (path.read_text(), list(tmp_path.iterdir())) == ("new", [path])


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, MemoryError])
def test_old_output_stays_where_writing_breaks_off(tmp_path, error):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with suppress(error), replaced(path) as (partial,):
        partial.write_text("half of the n")
        raise error
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])


def test_full_disk_is_told_with_the_path_asked_for(tmp_path):
    path = tmp_path / "out.csv"
    with pytest.raises(OSError, match=r"No space left on device: '.*/out\.csv'"), replaced(path) as (partial,):
        raise OSError(errno.ENOSPC, "No space left on device", str(partial))
    assert list(tmp_path.iterdir()) == []


def test_error_of_another_file_keeps_its_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.txt"), replaced(tmp_path / "out.csv"):
        (tmp_path / "none.txt").read_text()


def test_error_without_a_number_is_left_as_it_is(tmp_path):
    with pytest.raises(OSError, match="^arrow could not$"), replaced(tmp_path / "out.parquet"):
        raise OSError("arrow could not")


@pytest.mark.skipif(not Path(FULL).exists(), reason="the system has no device that is always full")
def test_device_is_written_to_directly_and_tells_that_it_is_full():
    with pytest.raises(OSError, match=f"No space left on device: '{FULL}'"):
        write_lines(["x"], FULL)
    assert not Path(FULL).is_file()


def test_target_of_a_link_is_replaced_and_the_link_stays(tmp_path):
    path, link = tmp_path / "out.txt", tmp_path / "link.txt"
    link.symlink_to(path)
    write_lines(["x"], str(link))
    assert link.is_symlink()
    assert path.read_text() == "x\n"


def test_two_threads_that_write_the_same_file_do_not_mix(tmp_path):
    path = tmp_path / "out.txt"
    both = threading.Barrier(2)

    def lines(letter):
        yield letter * 10_000
        both.wait(timeout=20)  # each is in the midst of its file now
        yield letter * 10_000

    threads = [threading.Thread(target=write_lines, args=(lines(letter), str(path))) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(path.read_text()) in ({"a", "\n"}, {"b", "\n"})
    assert list(tmp_path.iterdir()) == [path]


def full_after(room, monkeypatch):
    """Let files take so many bytes in all, and then no more."""
    left = [room]
    whole = Path.open

    def short(self, mode="r", *arguments, **others):
        file = whole(self, mode, *arguments, **others)
        if "w" in mode:
            write = file.write

            class Short:
                def __enter__(self):
                    return self

                def __exit__(self, *_):
                    file.close()

                def write(self, content):
                    taken = content[: left[0]]
                    left[0] -= len(taken)
                    write(taken)
                    if len(taken) < len(content):
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            return Short()
        return file

    monkeypatch.setattr(Path, "open", short)
    return left


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.999])
def test_model_stays_whole_where_the_disk_is_full(tmp_path, monkeypatch, share):
    model = small_model()
    save(model, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    size = sum(map(len, before.values()))
    with monkeypatch.context() as patch:
        full_after(int(share * size), patch)
        with pytest.raises(OSError, match="No space left on device"):
            save(model, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert load(tmp_path).card["records"] == 3


def save_often(folder, marks):
    from dataclasses import replace

    from stance.model import Blend

    for mark in marks:
        model = small_model()
        save(replace(model, card={**model.card, "mark": mark}, blend=Blend((mark, 1.0), (1.0, 1.0))), folder)


@pytest.mark.skipif(os.name == "nt", reason="fork")
def test_two_processes_that_save_to_one_folder_do_not_mix(tmp_path):
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=save_often, args=(tmp_path, range(first, first + 4))) for first in (1, 10)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    model = load(tmp_path)
    assert model.card["mark"] == model.blend.stances[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.json", "model.npz"]
