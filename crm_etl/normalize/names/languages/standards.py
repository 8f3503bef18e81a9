"""The standards by which a language is written in Latin letters, as its file declares them.

A standard is a :class:`~.tables.Table` of letters or, where letters alone do not serve, a function ``<code>.py`` has
for it in ``ROMANIZERS`` (Persian does not write its short vowels).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources

from crm_etl.normalize import lists
from crm_etl.normalize.names.languages import latin
from crm_etl.normalize.names.languages.documents import Document, LanguageFault, table

Romanizer = Callable[[str], str]


@dataclass(frozen=True)
class Standard:
    """One way to write ``language`` in Latin letters. ``romanize`` takes one cleaned word and gives it in lower case.

    ``is_ascii`` says that marks on Latin letters are no part of it.
    """

    name: str
    language: str
    title: str
    source: str
    romanize: Romanizer
    is_ascii: bool = True


#: Words in Latin letters already.
LATIN = Standard("latin", "en", "Latin letters without their marks", "Unicode, canonical decomposition", latin.romanize)


def of_language(code: str, document: Document) -> Mapping[str, Standard]:
    """Name -> standard of language ``code``, the default one first; those of its script's letters if it has none."""
    declared = document.get("romanization")
    if declared is None:
        return {LATIN.name: LATIN} if document["script"] == "Latn" else {"letters": _letters(code, document)}
    functions = _functions(code)
    return {name: _standard(code, declared, name, document["script"], functions) for name in declared}


def _standard(code: str, declared: Document, name: str, script: str, functions: Mapping[str, Romanizer]) -> Standard:
    title, source = declared[name]["title"], declared[name]["source"]
    if name in functions:
        return Standard(name, code, title, source, functions[name], not declared[name].get("marks", False))
    rules = table(code, declared, name, rest_of(script))
    if rules is None:
        raise LanguageFault(
            f"the standard '{name}' of language '{code}' has no letters",
            remedy=f"give it 'letters' in {code}.yml, or a function of its name in ROMANIZERS of {code}.py",
        )
    return Standard(name, code, title, source, rules.romanize, rules.is_ascii)


def _letters(code: str, document: Document) -> Standard:
    """The nearest sounds of the script's letters, for a language that declares nothing."""
    declared = {"letters": {"title": "", "source": "", "letters": {}}}
    rules = table(code, declared, "letters", rest_of(document["script"]))
    assert rules is not None
    return Standard("letters", code, "Nearest sounds", "scripts.yml", rules.romanize)


@cache
def _scripts() -> Mapping[str, Mapping[str, str]]:
    document: Mapping[str, Mapping[str, str]] = lists.load("names/languages/scripts.yml")
    return document


def rest_of(script: str) -> Mapping[str, str]:
    """Letters of ``script`` that a table may lack -> their nearest sound."""
    return _scripts().get(script, {})


def _functions(code: str) -> Mapping[str, Romanizer]:
    """The romanizers of ``<code>.py``, if there is such a module."""
    package = __package__ or ""
    if not resources.files(package).joinpath(f"{code}.py").is_file():
        return {}
    functions: Mapping[str, Romanizer] = getattr(import_module(f"{package}.{code}"), "ROMANIZERS", {})
    return functions
