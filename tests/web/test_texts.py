"""The texts tool, and that every sentence of this package is translated."""

from pathlib import Path

import pytest

from tools import texts

CATALOGUE = """msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "loket" / "portal"
    (folder / "templates").mkdir(parents=True)
    (folder / "words.py").write_text('HELLO = marked("Hello %(name)s")\n')
    (folder / "templates" / "page.html").write_text('<p>{{ _("Good day") }}</p>')
    return tmp_path / "loket"


def translate(package: Path, hello: str, day: str, flag: str = "") -> None:
    for language in texts.LANGUAGES:
        file = texts.catalogue_file(package / "portal", language)
        file.parent.mkdir(parents=True, exist_ok=True)
        entries = f'{flag}msgid "Hello %(name)s"\nmsgstr "{hello}"\n\nmsgid "Good day"\nmsgstr "{day}"\n'
        file.write_text(CATALOGUE.format(language=language) + entries)


def test_complete_catalogues_have_no_problem(package: Path) -> None:
    translate(package, "Halo %(name)s", "Selamat siang")
    assert list(texts.problems(package)) == []


@pytest.mark.parametrize(
    ("hello", "day", "flag", "said"),
    [
        ("Halo %(name)s", "", "", "not translated: 'Good day' (portal/templates/page.html:1)"),
        ("Halo", "Selamat siang", "", "other placeholders"),
        ("Halo %(nama)s", "Selamat siang", "", "other placeholders"),
        ("Halo %(name)s", "Selamat siang", "#, fuzzy\n", "fuzzy"),
    ],
)
def test_what_is_wrong_is_found(package: Path, hello: str, day: str, flag: str, said: str) -> None:
    translate(package, hello, day, flag)
    found = list(texts.problems(package))
    assert len(found) == len(texts.LANGUAGES)
    assert all(said in problem for problem in found)


def test_a_sentence_translated_in_two_ways_is_found(package: Path) -> None:
    translate(package, "Halo %(name)s", "Selamat siang")
    for language in texts.LANGUAGES:
        file = texts.catalogue_file(package / "desk", language)
        file.parent.mkdir(parents=True)
        file.write_text(CATALOGUE.format(language=language) + 'msgid "Good day"\nmsgstr "Halo"\n')
    found = list(texts.problems(package))
    assert [problem.partition(": ")[2] for problem in found] == ["translated in two ways: 'Good day'"] * 2


def test_extracting_keeps_what_is_translated_and_drops_what_is_no_longer_said(package: Path) -> None:
    translate(package, "Halo %(name)s", "Selamat siang")
    (package / "portal" / "words.py").write_text('BYE = marked("Goodbye")\n')
    texts.extract(package)
    catalogue = texts.read(texts.catalogue_file(package / "portal", "id"), "id")
    assert {message.id: message.string for message in catalogue if message.id} == {
        "Goodbye": "",
        "Good day": "Selamat siang",
    }


def test_a_plug_in_with_texts_of_its_own_owns_its_sentences(package: Path) -> None:
    plug_in = package / "portal" / "kinds" / "date"
    (plug_in / "locale").mkdir(parents=True)
    assert texts.owner(plug_in / "question.html", package) == plug_in
    assert texts.owner(package / "portal" / "words.py", package) == package / "portal"


def test_compiling_writes_what_gettext_reads(package: Path) -> None:
    translate(package, "Halo %(name)s", "Selamat siang")
    assert texts.compile_all(package) == 2
    assert texts.catalogue_file(package / "portal", "sw").with_suffix(".mo").read_bytes()


def test_every_sentence_of_the_web_package_is_translated() -> None:
    web = texts.SOURCE / "web"
    missing = [problem for problem in texts.problems() if "(web/" in problem or problem.startswith("web/")]
    assert (web / "locale").is_dir()
    assert missing == []
