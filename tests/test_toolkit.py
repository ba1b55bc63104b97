import subprocess
import sys
from threading import Thread

import pytest

from stance.toolkit import _Withheld

CHECK = """
import sys
{before}
from stance import toolkit
print(sorted({{m.partition('.')[0] for m in sys.modules}} & {{'nltk', 'sklearn', 'scipy'}}))
import nltk, nltk.classify.scikitlearn
print(nltk.classify.scikitlearn.DictVectorizer.__module__.split('.')[0], sys.meta_path[0].__module__)
print(toolkit.SnowballStemmer('english').stem('attacks'), nltk.SnowballStemmer is toolkit.SnowballStemmer)
"""


def run(before=""):
    command = [sys.executable, "-c", CHECK.format(before=before)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_program_that_imports_nltk_afterwards_gets_all_of_it():
    loaded, wrapped, stemmed = run()
    assert (loaded, stemmed) == ("[]", "attack False")
    assert wrapped.startswith("sklearn")
    assert "stance" not in wrapped


def test_a_program_that_has_imported_nltk_before_shares_it():
    loaded, _, stemmed = run("import nltk")
    assert (loaded, stemmed) == ("['nltk', 'scipy', 'sklearn']", "attack True")


def test_libraries_are_withheld_by_their_whole_name():
    withheld = _Withheld(("sklearn",))
    assert withheld.find_spec("sklearnex", None) is None
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'sklearn\.svm'"):
        withheld.find_spec("sklearn.svm", None)


def test_libraries_are_withheld_from_one_thread_alone():
    withheld, found = _Withheld(("sklearn",)), []
    other = Thread(target=lambda: found.append(withheld.find_spec("sklearn", None)))
    other.start()
    other.join()
    assert found == [None]
