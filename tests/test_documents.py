import io
import sys

import pytest

from stance.documents import decode, find_files, read_text, write_lines

SENTENCE = "We welcome Türkiye’s mediation – and “thank” Côte d’Ivoire."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "windows-1252"])
def test_common_encodings_give_the_same_text(encoding):
    assert decode(SENTENCE.encode(encoding)) == SENTENCE


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_utf_16_with_either_byte_order_is_read(mark):
    assert decode(mark + SENTENCE.encode("utf-16-le" if mark[0] == 0xFF else "utf-16-be")) == SENTENCE


def test_line_breaks_stay_as_they_are():
    assert decode(b"one\r\ntwo\rthree\n") == "one\r\ntwo\rthree\n"


def test_nothing_is_an_empty_text():
    assert decode(b"") == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04content.xml", "a zip or Office file; save it as .docx or plain text"),
        (b"{\\rtf1 We condemn}", "an RTF file; save it as plain text"),
        (b"\x7fELF\x02\0\0", "a null byte at 5; it is binary, or UTF-16"),
        ("We condemn".encode("utf-16-le"), "a null byte at 1; it is binary, or UTF-16"),
        (b"\x01\x02\x03\x04 a", "4 control characters; it seems to be binary"),
        (b"\xff\xfeW\x00e\x00\x00\xd8", "UTF-16 as its first bytes say, got a broken character at byte"),
        (b"\xef\xbb\xbfWe \xff", "UTF-8 as its first bytes say, got a broken character at byte"),
        ("Мы приветствуем".encode("windows-1251"), "UTF-8, UTF-16 or Windows-1252, got byte 0xcc at 0; save it"),
        (SENTENCE.encode()[:16] + b"\xe2\x80", "whole UTF-8, got byte 0xe2 at 16; it is cut or mixed"),
        (b"We condemn \x81 the attack", "broken character at byte 11"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(data, reason):
    with pytest.raises(ValueError, match=f"^talks.bin: file must be .*{reason}"):
        decode(data, "talks.bin")


def test_a_few_control_characters_are_read():
    assert decode(b"We \x1b[31mcondemn\x1b[0m the attack on the town and the people in it.").startswith("We \x1b")


def test_too_large_a_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("stance.documents._LARGEST", 10)
    path = tmp_path / "long.txt"
    path.write_text("We condemn the attack.")
    with pytest.raises(ValueError, match=r"long.txt: file must be at most 10 bytes, got more; split it"):
        read_text(str(path))


def test_a_dash_reads_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SENTENCE.encode())))
    assert read_text("-") == SENTENCE


def test_a_folder_stands_for_its_text_files(tmp_path):
    for name in ("b.txt", "a.md", "c.pdf", "c.png", ".hidden.txt", "deep/d.TXT", ".git/e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    readable = ("a.md", "b.txt", "c.pdf", "deep/d.TXT")
    assert list(find_files(str(tmp_path))) == [str(tmp_path / name) for name in readable]


def test_a_file_stands_for_itself_whatever_its_ending():
    assert list(find_files("talks.bin")) == ["talks.bin"]


def test_a_folder_without_texts_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"folder must hold .txt, .* files, got none; name the files"):
        list(find_files(str(tmp_path)))


def test_lines_are_written_as_utf_8(tmp_path):
    write_lines(["Türkiye", "北京"], str(tmp_path / "out.txt"))
    assert (tmp_path / "out.txt").read_bytes() == "Türkiye\n北京\n".encode()


def test_a_file_stays_as_it_was_where_writing_fails(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("before")

    def lines():
        yield "half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_lines(lines(), str(path))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_an_output_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(OSError, match="No such file or directory.*nowhere/out.txt"):
        write_lines(["x"], str(tmp_path / "nowhere" / "out.txt"))
