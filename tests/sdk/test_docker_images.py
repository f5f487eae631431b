"""Images: what the `docker` command is told, by a stand-in that notes it. No Docker engine is at work here."""

from __future__ import annotations

import http.server
import io
import json
import os
import shutil
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lictor import __version__, deploy, flow
from lictor.deployments import adeploy
from lictor.deployments.steps import build_docker_image, push_docker_image
from lictor.docker import BuildError, DockerImage, PushError
from lictor.engine.errors import EntrypointError
from lictor.sdk.api.deployment import READ
from lictor.sdk.deployment_steps import run_steps
from lictor.sdk.docker_image import OPTIONS, parse_image_tag
from lictor.settings import table, temporary_settings
from lictor.wire.operations import work_pool
from lictor.wire.types.work_pool import WorkPoolCreate
from tests.sdk.conftest import Api

STAND_IN = """#!{python}
import json, os, pathlib, sys
words = sys.argv[1:]
said = dict(word[2:].split("=", 1) for word in words if word.startswith("--") and "=" in word)
note = {{"words": words, "stdin": sys.stdin.read(), "cwd": os.getcwd()}}
if "file" in said:
    note["file"] = pathlib.Path(said["file"]).read_text()
    ignored = pathlib.Path(said["file"] + ".dockerignore")
    note["ignored"] = ignored.read_text() if ignored.exists() else None
with open({notes!r}, "a") as notes:
    notes.write(json.dumps(note) + "\\n")
print("one line")
print("another", file=sys.stderr)
if words[0] in os.environ.get("STAND_IN_FAILS", "").split():
    sys.exit(7)
if "iidfile" in said:
    pathlib.Path(said["iidfile"]).write_text("sha256:abc")
"""
DIGEST = f"sha256:{'ab' * 32}"
TEMPLATE = {
    "job_configuration": {"image": "{{ image }}"},
    "variables": {"type": "object", "properties": {"image": {"type": "string"}}},
}


@flow(name="contained")
def contained(x: int = 1) -> int:
    return x


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that images are built of."""
    folder = tmp_path / "my flows"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


class Notes:
    """What the stand-in was told."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def all(self) -> list[dict[str, Any]]:
        """Return all that it was told, one call after the other."""
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def words(self) -> list[list[str]]:
        """Return the words of each call, without names that are drawn."""
        kept = ("--file=", "--iidfile=")
        return [[word for word in note["words"] if not word.startswith(kept)] for note in self.all()]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Notes:
    """A stand-in for the command, which notes what it is told."""
    place, notes = tmp_path / "bin" / "docker", tmp_path / "notes"
    place.parent.mkdir()
    place.write_text(STAND_IN.format(python=sys.executable, notes=str(notes)))
    place.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place.parent}{os.pathsep}{os.environ['PATH']}")
    return Notes(notes)


@pytest.fixture
def pool(api: Api) -> str:
    """A pool whose runs are in containers."""
    name = f"pool-{uuid4()}"
    api.client(work_pool.CREATE(WorkPoolCreate(name=name, type="docker", base_job_template=TEMPLATE)))
    return name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("flows", ("flows", None)),
        ("flows:1", ("flows", "1")),
        ("example.org:5000/me/flows", ("example.org:5000/me/flows", None)),
        ("example.org:5000/me/flows:a.B_c-1", ("example.org:5000/me/flows", "a.B_c-1")),
        ("[::1]:5000/flows:1", ("[::1]:5000/flows", "1")),
        (f"me/flows@{DIGEST}", ("me/flows", DIGEST)),
        (f"me/flows:1@{DIGEST}", ("me/flows", f"1@{DIGEST}")),
    ],
)
def test_a_name_is_taken_apart(name: str, parts: tuple[str, str | None]) -> None:
    assert parse_image_tag(name) == parts
    if parts[1] is not None:
        assert DockerImage(name).reference == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-flows",
        "--privileged",
        "Flows",
        "me/flows:",
        "me/flows:-x",
        "a b",
        "a/-b",
        "flows@sha256:1",
        "a//b",
        "x:y:z",
    ],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"^image: "):
        DockerImage(name)


@pytest.mark.parametrize("tag", ["-x", "a b", "a:b", "x" * 129, "ä"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match=r"^tag: "):
        DockerImage("flows", tag)


def test_a_name_without_a_place_is_put_below_the_default_one() -> None:
    with temporary_settings({table.DEPLOYMENTS_DEFAULT_DOCKER_BUILD_NAMESPACE: "example.org/ours"}):
        assert DockerImage("flows", "1").reference == "example.org/ours/flows:1"
        assert DockerImage("me/flows", "1").reference == "me/flows:1"
    first, second = DockerImage("flows"), DockerImage("flows")
    assert first.tag != second.tag
    assert first.reference.startswith("flows:20")


def test_what_is_not_known_of_builds_is_told() -> None:
    with pytest.raises(TypeError, match="buildarg: not known of builds; known are context, "):
        DockerImage("flows", buildarg={})
    with pytest.raises(ValueError, match="build_backend: 'docker-py' or 'buildx', not 'kaniko'"):
        DockerImage("flows", build_backend="kaniko")  # type: ignore[arg-type]


def test_a_build_and_a_push_tell_the_command(docker: Notes, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = io.StringIO()
    image = DockerImage("me/flows", "1", stream_progress_to=said)
    image.build()
    image.push()
    DockerImage("me/flows", "2", stream_progress_to=None).push()
    assert docker.words() == [
        ["build", "--tag=me/flows:1", "--pull=true", "--", str(here)],
        ["push", "--", "me/flows:1"],
        ["push", "--", "me/flows:2"],
    ]
    assert sorted(said.getvalue().splitlines()) == ["another", "another", "one line", "one line"]
    assert capsys.readouterr().out == ""
    assert os.listdir(here) == []


def test_a_made_up_dockerfile_leaves_secrets_out_unless_the_folder_says_what(docker: Notes, here: Path) -> None:
    DockerImage("me/flows", "1").build()
    (here / ".dockerignore").write_text("large\n")
    DockerImage("me/flows", "1").build()
    (here / ".dockerignore").unlink()
    (here / "Dockerfile").write_text("FROM scratch\n")
    DockerImage("me/flows", "1", dockerfile="Dockerfile").build()
    first, *others = [note["ignored"] for note in docker.all()]
    assert {"**/.git", "**/.env", "**/.env.*", "**/*.key", "**/profiles.toml"} <= set(first.splitlines())
    assert others == [None, None], "Docker goes by the folder's own"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"pull": False}, ["--pull=false"]),
        ({"pull": None}, []),
        ({"buildargs": {"A": "1", "B": "--x"}}, ["--build-arg=A=1", "--build-arg=B=--x"]),
        ({"build_args": {"A": 1}}, ["--build-arg=A=1"]),
        ({"labels": {"a": "b"}}, ["--label=a=b"]),
        ({"labels": ["a", "b=c"]}, ["--label=a=", "--label=b=c"]),
        ({"nocache": True}, ["--no-cache=true"]),
        ({"cache": False}, ["--no-cache=true"]),
        ({"cache": True}, ["--no-cache=false"]),
        ({"platform": "linux/arm64"}, ["--platform=linux/arm64"]),
        ({"platforms": ["linux/arm64", "linux/amd64"]}, ["--platform=linux/arm64,linux/amd64"]),
        ({"target": "--x"}, ["--target=--x"]),
        ({"extra_hosts": {"h": "1.2.3.4"}}, ["--add-host=h:1.2.3.4"]),
        ({"network_mode": "host"}, ["--network=host"]),
        ({"shmsize": 64}, ["--shm-size=64"]),
        ({"cache_from": ["a", "b"]}, ["--cache-from=a", "--cache-from=b"]),
        ({"cache_to": {"type": "local", "dest": "x"}}, ["--cache-to=type=local,dest=x"]),
        ({"secrets": ["id=a,src=b"]}, ["--secret=id=a,src=b"]),
        ({"ssh": "default"}, ["--ssh=default"]),
    ],
)
def test_what_is_said_of_a_build_becomes_options(
    given: dict[str, Any], words: list[str], docker: Notes, here: Path
) -> None:
    DockerImage("flows", "1", stream_progress_to=None, build_backend="buildx", **given).build()
    [said] = docker.words()
    pull = [] if "pull" in given else ["--pull=true"]
    assert said == ["buildx", "build", "--tag=flows:1", *pull, *words, "--", str(here)]


VALUES = some.text(max_size=8)


@given(
    some.dictionaries(
        some.sampled_from(sorted(OPTIONS)), VALUES | some.lists(VALUES) | some.dictionaries(VALUES, VALUES)
    )
)
def test_no_value_becomes_an_option(said: dict[str, Any]) -> None:
    words = DockerImage("flows", "1", **said).words(Path("/x"), Path("/f"), Path("/i"))
    flags = {f"--{flag}" for flag, _ in OPTIONS.values()} | {"--tag", "--file", "--iidfile"}
    assert (words[0], words[-2:]) == ("build", ["--", "/x"])
    assert {word.partition("=")[0] for word in words[1:-2]} <= flags
    assert all("=" in word for word in words[1:-2])


def test_what_building_pushes_is_not_pushed_again(docker: Notes, here: Path) -> None:
    image = DockerImage("me/flows", "1", stream_progress_to=None, build_backend="buildx", push=True)
    image.build()
    image.push()
    assert docker.words() == [["buildx", "build", "--tag=me/flows:1", "--pull=true", "--push=true", "--", str(here)]]


def test_a_dockerfile_is_made_up_where_there_is_none(docker: Notes, here: Path) -> None:
    image = DockerImage("flows", "1", stream_progress_to=None)
    image.build()
    (here / "requirements.txt").write_text("httpx")
    image.build()
    first, second = (note["file"].splitlines() for note in docker.all())
    install = 'pip --python "$(command -v python)" install --no-cache-dir'
    assert first == [
        f"ARG BASE=python:{sys.version_info.major}.{sys.version_info.minor}-slim",
        "FROM ${BASE}",
        f'ARG LICTOR="lictor=={__version__}"',
        "USER root",
        f'RUN {install} "${{LICTOR}}" \\',
        ' && { command -v prefect || ln -s "$(command -v lictor)" /usr/local/bin/prefect; } \\',
        " && { id flows || useradd --create-home --home-dir /opt/flows flows; }",
        "ENV HOME=/opt/flows PREFECT_HOME=/opt/flows/.prefect",
        "COPY --chown=flows . /opt/prefect/my-flows/",
        "WORKDIR /opt/prefect/my-flows/",
        "USER flows",
    ]
    assert [line for line in second if line not in first] == [
        "COPY requirements.txt /opt/prefect/my-flows/",
        f"RUN {install} -r /opt/prefect/my-flows/requirements.txt",
    ]
    assert os.listdir(here) == ["requirements.txt"]
    (here / "Dockerfile").write_text("FROM mine")
    with pytest.raises(ValueError, match="give dockerfile='Dockerfile' to use it"):
        image.build()


def test_a_dockerfile_of_ones_own_is_seen_from_the_context(docker: Notes, here: Path) -> None:
    inner = here / "inner"
    inner.mkdir()
    (inner / "Own").write_text("FROM mine")
    DockerImage("flows", "1", "Own", None, context="inner").build()
    [note] = docker.all()
    assert (note["file"], note["words"][-2:]) == ("FROM mine", ["--", str(inner)])
    with pytest.raises(ValueError, match="dockerfile: there is no file"):
        DockerImage("flows", "1", "Own").build()
    with pytest.raises(ValueError, match="context: there is no folder"):
        DockerImage("flows", "1", context="none").build()
    with pytest.raises(ValueError, match="by its digest: give build=False"):
        DockerImage(f"flows@{DIGEST}").build()


def test_a_command_that_fails_is_told_with_what_it_printed(docker: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_FAILS", "build push")
    image = DockerImage("flows", "1", stream_progress_to=None)
    with pytest.raises(BuildError, match=r"`docker build` ended with exit code 7: (.|\n)*one line"):
        image.build()
    with pytest.raises(PushError, match="`docker push` ended with exit code 7"):
        image.push()


def test_a_missing_command_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"command is not installed here.*build=False"):
        DockerImage("flows", "1").build()


@pytest.mark.parametrize(
    ("options", "commands"), [({}, ["build", "push"]), ({"push": False}, ["build"]), ({"build": False}, [])]
)
def test_a_flow_is_deployed_in_an_image(
    options: dict[str, Any], commands: list[str], docker: Notes, api: Api, pool: str
) -> None:
    made = api.client(READ(id=contained.deploy("x", pool, "me/flows:1", **options)))
    assert [words[0] for words in docker.words()] == commands
    assert (made.job_variables, made.pull_steps, made.path) == ({"image": "me/flows:1"}, [], ".")


async def test_an_image_is_built_for_several_deployments_and_awaited(docker: Notes, api: Api, pool: str) -> None:
    both = [await contained.ato_deployment(f"{uuid4()}", job_variables={"env": {"A": "1"}}) for _ in range(2)]
    made = await adeploy(*both, work_pool_name=pool, image=DockerImage("me/flows", "2", stream_progress_to=None))
    made += [await contained.adeploy(f"{uuid4()}", pool, image="me/flows:2", build=False)]
    made += [await contained.deploy(f"{uuid4()}", pool, image="me/flows:2", build=False)]  # type: ignore[misc]
    made += await deploy(*both, work_pool_name=pool, image="me/flows:2", build=False)  # type: ignore[misc]
    assert [words[0] for words in docker.words()] == ["build", "push"]
    kept = [api.client(READ(id=each)).job_variables for each in made]
    assert kept[0] == kept[1] == {"env": {"A": "1"}, "image": "me/flows:2"}
    assert kept[2] == kept[3] == {"image": "me/flows:2"}


def test_nothing_is_built_for_what_cannot_be_deployed(docker: Notes, api: Api, pool: str) -> None:
    processes = f"pool-{uuid4()}"
    api.client(work_pool.CREATE(WorkPoolCreate(name=processes, type="process")))
    with pytest.raises(ValueError, match=f"image: runs of work pool '{processes}', of the type 'process', are in no"):
        contained.deploy("x", processes, "me/flows:1")
    with pytest.raises(ValueError, match="there is no work pool 'none'"):
        contained.deploy("x", "none", "me/flows:1")
    with pytest.raises(ValueError, match="say in which work pool"):
        contained.deploy("x", image="me/flows:1")
    with pytest.raises(ValueError, match="are in containers, where the code of 'contained/x' is not: give an image"):
        contained.deploy("x", pool)
    with pytest.raises(ValueError, match=r"^image: "):
        contained.deploy("x", pool, "No Image")
    assert docker.all() == []


def test_what_only_deployments_of_a_pool_have_is_told(docker: Notes) -> None:
    with pytest.raises(ValueError, match=r"^image: only deployments of a work pool"):
        contained.to_deployment("x").apply(image="a:1")
    with pytest.raises(ValueError, match=r"^job_variables: only deployments of a work pool"):
        contained.to_deployment("x", job_variables={"a": 1}).apply()
    with pytest.raises(ValueError, match=r"^work_queue_name: only deployments of a work pool"):
        contained.to_deployment("x", work_queue_name="q").apply()


def test_steps_of_project_files_build_and_push_images(docker: Notes, here: Path) -> None:
    (here / "Dockerfile").write_text("FROM mine")
    name = f"example.org/me/{uuid4().hex}"
    build = {"id": "built", "requires": "prefect-docker", "image_name": name, "tag": "1", "additional_tags": ["2"]}
    push: dict[str, Any] = {"image_name": "{{ built.image_name }}", "tag": "{{ built.tag }}", "id": "pushed"}
    push |= {"additional_tags": "{{ built.additional_tags }}", "credentials": {"username": "-u", "password": "word"}}
    steps: list[dict[str, Any]] = [
        {"prefect_docker.deployments.steps.build_docker_image": {**build, "platform": "linux/amd64"}},
        {"prefect_docker.deployments.steps.push_docker_image": push},
    ]
    found = run_steps([*steps, *steps], enter=False)
    told = {"image_name": name, "tag": "1", "image": f"{name}:1", "additional_tags": ["2"]}
    assert found["built"] == {**told, "image_id": "sha256:abc"}
    assert found["pushed"] == told
    tags = [f"--tag={name}:1", f"--tag={name}:2"]
    assert docker.words() == [  # once, though they are said twice
        ["build", *tags, "--pull=true", "--platform=linux/amd64", "--", str(here)],
        ["login", "--username=-u", "--password-stdin"],
        ["push", "--", f"{name}:1"],
        ["push", "--", f"{name}:2"],
    ]
    assert [note["stdin"] for note in docker.all()] == ["", "word", "", ""]
    assert docker.all()[0]["file"] == "FROM mine"


def test_steps_may_be_called_and_told_to_do_it_again(docker: Notes, here: Path) -> None:
    name = f"me/{uuid4().hex}"
    for again in (False, False, True):
        build_docker_image(name, "auto", "1", ignore_cache=again)
        push_docker_image(name, ignore_cache=again)
    assert [words[0] for words in docker.words()] == ["build", "push", "build", "push"]
    assert docker.words()[1] == ["push", "--", f"{name}:latest"]
    with pytest.raises(EntrypointError, match="nonsense: not known of builds"):
        run_steps([{"prefect_docker.deployments.steps.build_docker_image": {"image_name": name, "nonsense": 1}}])


class Engine(http.server.BaseHTTPRequestHandler):
    """Answers the real command as an engine does, and notes what it is asked."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, dict[str, list[str]], dict[str, bytes]]]

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def answer(self, *lines: str) -> None:
        """Answer with JSON lines."""
        body = "\n".join(lines).encode()
        self.send_response(200)
        for name, value in (("Api-Version", "1.44"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self) -> None:
        """Say that it is there."""
        self.answer("{}")

    do_HEAD = do_GET  # noqa: N815  # as the library names it

    def do_POST(self) -> None:
        """Note what is asked."""
        body, place = self.body(), urlsplit(self.path)
        kept = {}
        if place.path.endswith("/build"):
            with tarfile.open(fileobj=io.BytesIO(body + bytes(1024))) as sent:
                kept = {each.name: sent.extractfile(each).read() for each in sent if each.isfile()}  # type: ignore[union-attr]
        self.asked.append((place.path.partition("/v1.44")[2], parse_qs(place.query), kept))
        self.answer('{"stream":"Step 1"}', '{"aux":{"ID":"sha256:abc"}}')

    def body(self) -> bytes:
        """Read what is sent, in chunks or not."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Any]]:
    """What the real command, if it is here, asks of an engine."""
    if shutil.which("docker") is None:
        pytest.skip("there is no docker command here")
    Engine.asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Engine) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("DOCKER_BUILDKIT", "0")  # its engine speaks another protocol
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "config"))
        yield Engine.asked
        server.shutdown()


def test_the_real_command_understands_what_it_is_told(engine: list[Any], here: Path) -> None:
    (here / "work.py").write_text("x = 1")
    said: dict[str, Any] = {"buildargs": {"A": "--x"}, "labels": {"l": "1"}, "extra_hosts": {"h": "1.2.3.4"}}
    said |= {
        "nocache": True,
        "platform": "linux/amd64",
        "target": "--t",
        "network_mode": "host",
        "shmsize": 64,
        "rm": True,
    }
    image = DockerImage("me/flows", "1", stream_progress_to=None, cache_from=["a", "b"], **said)
    assert image.built(["2"]) == "sha256:abc"
    image.push()
    (built, asked, sent), (pushed, which, _) = engine
    assert (built, pushed, which["tag"]) == ("/build", "/images/docker.io/me/flows/push", ["1"])
    assert asked["t"] == ["me/flows:1", "me/flows:2"]
    assert json.loads(asked["buildargs"][0]) == {"A": "--x"}
    assert json.loads(asked["labels"][0]) == {"l": "1"}
    assert json.loads(asked["cachefrom"][0]) == ["a", "b"]
    expected = {"extrahosts": "h:1.2.3.4", "nocache": "1", "pull": "1", "platform": "linux/amd64", "target": "--t"}
    assert {name: asked[name][0] for name in expected} == expected
    assert (asked["networkmode"], asked["shmsize"]) == (["host"], ["64"])
    assert sent["work.py"] == b"x = 1"
    assert sent[asked["dockerfile"][0]].startswith(b"ARG BASE=python:")
