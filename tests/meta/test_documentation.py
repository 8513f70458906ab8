"""What the pages say exists: links, files, commands and targets; and no page lies unfinished."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.reference import ROOT, commands, settings

PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "src").rglob("README.md"),
    ]
)
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(
    r"`((?:src|tests|tools|docs|example|bench|console)/[\w./-]+\.(?:py|md|sql|typ|yaml|ts|tsx|html)|\.importlinter)`"
)
UNFINISHED = re.compile(
    r"\bTODO\b|\bFIXME\b|\bTBD\b|lorem ipsum"  # said to be unfinished
    r"|(?<![\w.~])/(?:home|root|Users|work|tmp)/\w"  # a folder of one machine
    r"|\b(?:dev|dev_\w+)@127\.0\.0\.1",
    re.IGNORECASE,
)


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """What can be linked to in a page, as GitHub makes it from headings."""
    found = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", each).lower() for each in found)
    return {re.sub(r"[^\w\- ]", "", each).replace(" ", "-") for each in plain}


def said_commands(page: Path) -> Iterator[str]:
    """Lines of code, and code within a line, that begin with `baton`."""
    text = page.read_text(encoding="utf-8")
    blocks = "".join(body for kind, body in FENCE.findall(text) if kind in ("", "sh", "console"))
    indented = "\n".join(re.findall(r"^    (.+)$", FENCE.sub("", text), re.MULTILINE))
    for line in f"{blocks}\n{indented}".splitlines():
        if found := re.match(r"\s*(?:\$ )?(?:\w+=\S+ )*(?:uv run |\S+/)?baton (\S.*)", line):
            yield found[1]
    for code in re.findall(r"`([^`\n]+)`", FENCE.sub("", text)):
        if found := re.match(r"(?:\w+=\S+ )*baton (\S.*)", code):
            yield found[1]


def test_the_pages_are_found() -> None:
    names = {page_id(page) for page in PAGES}
    assert {"README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs/glossary.md"} <= names


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_files_that_are_named_exist(page: Path) -> None:
    missing = [path for path in PATH.findall(prose(page)) if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_commands_that_are_named_exist(page: Path) -> None:
    known = dict(commands.tree())
    wrong = []
    for said in said_commands(page):
        words = re.split(r"\s+#|[|>&;…]", said)[0].split()
        path = (
            next((p for p in (" ".join(words[:2]), words[0]) if p in known), None) if words else ""
        )
        areas = {each.partition(" ")[0] for each in known}
        if path == "" or (path is None and words[0] in areas and len(words) == 1):
            continue  # "baton …", or an area as a whole
        if path is None:
            wrong.append(said)
            continue
        options = {name for each in known[path].params for name in each.opts} | {"--help"}
        named = {
            word.partition("=")[0] for word in words if word.startswith("--") and len(word) > 2
        }
        if path != "demo" and named - options:
            wrong.append(said)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_make_targets_that_are_named_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    fenced = "\n".join(body for _, body in FENCE.findall(text))
    named = set(re.findall(r"(?:`|^ {4}|^\$ )make ([a-z]+)\b", text, re.MULTILINE))
    named |= set(re.findall(r"^make ([a-z]+)\b", fenced, re.MULTILINE))
    assert named - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_settings_that_are_named_exist(page: Path) -> None:
    known = {*settings.variables(), "BATON_SHARED_DATA", "BATON_TEST_DSN"}
    named = set(re.findall(r"\bBATON_[A-Z][A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_no_page_is_unfinished_or_speaks_of_one_machine(page: Path) -> None:
    assert UNFINISHED.findall(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", DECISIONS, ids=page_id)
def test_a_decision_has_its_five_parts_and_a_keeper(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.match(rf"# {page.name[:4]} \S", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert text.rpartition("## Enforced by")[2].strip()


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [page.name[:4] for page in DECISIONS] == [
        f"{number:04}" for number in range(1, len(DECISIONS) + 1)
    ]


@pytest.mark.parametrize("folder", ["decisions", "how-to", "algorithms", "runbooks", "reference"])
def test_the_map_names_every_page(folder: str) -> None:
    """docs/README.md, or the folder's own index, links to each page of the folder."""
    index = ROOT / "docs" / folder / "README.md"
    whole = ROOT / "docs" / "README.md"
    linked: set[Path] = set()
    for page in (whole, *([index] if index.is_file() else [])):
        links = LINK.findall(page.read_text(encoding="utf-8"))
        linked |= {(page.parent / link.partition("#")[0]).resolve() for link in links}
    pages = {page for page in (ROOT / "docs" / folder).glob("*.md") if page != index}
    assert pages - linked == set()


def test_what_these_tests_look_for_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A b, `c`\n\n`baton order show X`\n\n```\n$ baton serve --port 1\n```\n")
    assert list(said_commands(page)) == ["serve --port 1", "order show X"]
    assert anchors(page) == {"a-b-c"}
    assert UNFINISHED.search("see /home/ann/x")
    assert UNFINISHED.search("TODO: more")
    assert not UNFINISHED.search("make bootstraps ~/.local/share/baton and example.com/home/x")
