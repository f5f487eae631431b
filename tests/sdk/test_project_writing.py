"""Project files are made, and deployments added to them, with all else left as it was."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lictor.deployments import initialize_project
from lictor.sdk.project_file import read_project
from lictor.sdk.project_writing import as_item, is_added, with_entry, write

ENTRY = {
    "name": "new",
    "entrypoint": "a.py:b",
    "tags": [],
    "parameters": {"x": "é: {{ y }}"},
    "work_pool": {"name": "p"},
}
COMMENTED = """# first
definitions:
  pool: &pool {name: p}  # beside

deployments:
  # above
  - name: one   # beside
    work_pool: *pool

  # below

# last
build: null
"""
FILES = {
    "no deployments": "name: x\n",
    "an empty file": "",
    "a file of comments": "# only\n",
    "nothing below": "deployments:\nname: x\n",
    "comments and anchors": COMMENTED,
    "not indented": "deployments:\n- name: one\n  description: |\n    long\n\n    text\n",
    "at the end, without a line's end": "deployments:\n    -   name: one",
    "lines of Windows": "name: x\r\ndeployments:\r\n- name: one\r\n# last\r\n",
    "marked documents": "---\ndeployments:\n  - {name: one}\n",
}


@pytest.mark.parametrize("name", FILES)
def test_a_deployment_is_added_and_all_else_stays(name: str, tmp_path: Path) -> None:
    file = tmp_path / "prefect.yaml"
    file.write_bytes(FILES[name].encode())
    text = with_entry(file, ENTRY)
    assert text is not None
    assert text.count("\r\n") in (0, text.count("\n"))
    write(file, text)
    assert read_project(file).deployments[-1] == {name: value for name, value in ENTRY.items() if value}
    kept = iter(file.read_text().splitlines())
    assert all(line in kept for line in FILES[name].splitlines())  # in their order
    assert sorted(each.name for each in tmp_path.iterdir()) == ["prefect.yaml"]


def test_a_file_is_made_for_the_first_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("prefect.yaml")
    write(file, with_entry(file, ENTRY) or "")
    assert [each["name"] for each in read_project(file).deployments] == ["new"]


@pytest.mark.parametrize(
    "text", ["deployments: [{name: one}]\n", "{deployments: }", "- a\n", "deployments: x\n", "a: b\n...\n"]
)
def test_what_cannot_be_added_to_is_left_alone(text: str, tmp_path: Path) -> None:
    file = tmp_path / "prefect.yaml"
    file.write_text(text)
    assert with_entry(file, ENTRY) is None


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(texts, values, min_size=1, max_size=4), st.integers(0, 6))
def test_an_item_says_what_it_was_made_of(entry: dict[str, object], column: int) -> None:
    entry = {**entry, "name": "x"}
    said = {name: value for name, value in entry.items() if value not in (None, {}, [])}
    assert yaml.safe_load("deployments:\n" + as_item(entry, column)) == {"deployments": [said]}


def test_what_says_something_else_is_not_added() -> None:
    assert is_added("a: 1", "a: 1\ndeployments: [{name: x}]")
    for after in ("a: 2\ndeployments: [{name: x}]", "a: 1", "a: [", "a: 1\ndeployments: [1, 2]"):
        assert not is_added("a: 1", after)


def test_a_project_file_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "name: of { it"
    (folder / "flows").mkdir(parents=True)
    monkeypatch.chdir(folder)
    (folder / "flows" / "broken.py").write_text("def (")
    (folder / "flows" / "some.py").write_text("import lictor\n@lictor.flow(name='x')\nasync def first(): ...\n")
    assert initialize_project() == ["prefect.yaml"]
    before = (folder / "prefect.yaml").read_text()
    found = read_project(Path("prefect.yaml"))
    assert found.actions["pull"] == [{"prefect.deployments.steps.set_working_directory": {"directory": str(folder)}}]
    assert found.deployments[0]["entrypoint"] == "flows/some.py:first"
    assert initialize_project(recipe="git", inputs={"repository": "x"}) == []
    assert (folder / "prefect.yaml").read_text() == before


def test_in_a_repository_runs_clone_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="the recipe 'git' needs 'repository'"):
        initialize_project(recipe="git")
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (
        ["init", "-q", "-b", "trunk"],
        ["remote", "add", "origin", "https://me:secret@example.org/a.git"],
        ["commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", *who, *words], check=True)
    initialize_project("mine", inputs={"pool": "machines"})
    [step] = read_project(Path("prefect.yaml")).actions["pull"]
    said = {"repository": "https://example.org/a.git", "branch": "trunk"}
    assert step == {"prefect.deployments.steps.git_clone": said}


@pytest.mark.parametrize("own", [True, False])
def test_an_image_is_built_and_run(own: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if own:
        (tmp_path / "Dockerfile").write_text("FROM scratch")
    initialize_project(recipe="docker", inputs={"image_name": "example.org/flows"})
    found = read_project(Path("prefect.yaml"))
    assert found.warnings == []
    said = {"id": "build_image", "image_name": "example.org/flows", "tag": "latest"}
    dockerfile = "Dockerfile" if own else "auto"
    build = {"prefect_docker.deployments.steps.build_docker_image": {**said, "dockerfile": dockerfile}}
    assert found.actions["build"] == [build]
    assert found.deployments[0]["work_pool"]["job_variables"] == {"image": "{{ build_image.image }}"}
    [step] = found.actions["pull"]
    assert step["prefect.deployments.steps.set_working_directory"] == {"directory": f"/opt/prefect/{tmp_path.name}"}


def test_what_no_recipe_says_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="recipe: 'cloud' is none of local, git, docker"):
        initialize_project(recipe="cloud")
    with pytest.raises(ValueError, match="inputs: 'branches' is none of directory, repository"):
        initialize_project(inputs={"branches": "x"})
    assert list(tmp_path.iterdir()) == []
