"""Repositories are cloned with the real git: from folders, and over HTTP from a server that wants a login."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from lictor.kit.git import GitError, checkout, clone, is_far
from tests.running import free_port

USER, PASSWORD = "someone", "a secret: ü"


def git(folder: Path, *words: str) -> str:
    identity = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env={**os.environ, **identity}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(repository: Path, text: str) -> str:
    (repository / "flows" / "work.py").parent.mkdir(exist_ok=True)
    (repository / "flows" / "work.py").write_text(text)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", text)
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose branch `main` has two commits, and `other` one more."""
    place = tmp_path / "repository"
    place.mkdir()
    git(place, "init", "-q")
    (place / "aside").mkdir()
    (place / "aside" / "large").write_text("large")
    commit(place, "first")
    git(place, "checkout", "-q", "-b", "other")
    commit(place, "other")
    git(place, "checkout", "-q", "main")
    commit(place, "second")
    git(place, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(place, "config", "uploadpack.allowFilter", "true")
    return place


def work(folder: Path) -> str:
    return (folder / "flows" / "work.py").read_text()


def test_another_repositorys_clone_is_left_alone(repository: Path, tmp_path: Path) -> None:
    clone(repository.as_uri(), tmp_path / "clone")
    with pytest.raises(
        GitError, match=r"has a clone of 'file://.*/repository', not of 'https://example.org/other.git'"
    ):
        clone("https://user:password@example.org/other.git", tmp_path / "clone")
    assert work(tmp_path / "clone") == "second"
    git(tmp_path / "clone", "remote", "set-url", "origin", "https://me:word@example.org/a.git")
    with pytest.raises(GitError, match=r"has a clone of 'https://example.org/a.git'"):
        clone(repository.as_uri(), tmp_path / "clone")


def test_a_branch_is_cloned_and_brought_up_to_date(repository: Path, tmp_path: Path) -> None:
    url = repository.as_uri()
    for branch, text in ((None, "second"), ("other", "other")):
        clone(url, tmp_path / text, branch=branch)
        assert work(tmp_path / text) == text
    commit(repository, "third")
    clone(url, tmp_path / "second")
    assert work(tmp_path / "second") == "third"


def test_a_commit_is_cloned(repository: Path, tmp_path: Path) -> None:
    first = git(repository, "rev-list", "--max-parents=0", "HEAD")
    clone(repository.as_uri(), tmp_path / "clone", commit=first)
    assert work(tmp_path / "clone") == "first"
    clone(repository.as_uri(), tmp_path / "clone", commit=git(repository, "rev-parse", "HEAD"))
    assert work(tmp_path / "clone") == "second"


def test_some_directories_alone_are_checked_out(repository: Path, tmp_path: Path) -> None:
    clone(repository.as_uri(), tmp_path / "clone", directories=["flows"])
    assert work(tmp_path / "clone") == "second"
    assert not (tmp_path / "clone" / "aside").exists()


def test_submodules_are_cloned(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repository.as_uri(), "inner")
    git(outer, "commit", "-q", "-m", "outer")
    clone(outer.as_uri(), tmp_path / "clone", submodules=True)
    assert work(tmp_path / "clone" / "inner") == "second"


@pytest.mark.parametrize(
    "given",
    [
        {"url": "--upload-pack=touch {mark}"},
        {"url": "ext::touch {mark}"},
        {"branch": "--upload-pack=touch {mark}"},
        {"commit": "--upload-pack=touch {mark}"},
        {"directories": ["--upload-pack=touch {mark}", "--"]},
    ],
)
def test_nothing_that_is_given_is_an_option(
    given: dict[str, str | list[str]], repository: Path, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    told = {
        name: [each.format(mark=mark) for each in value] if isinstance(value, list) else value.format(mark=mark)
        for name, value in given.items()
    }
    try:
        clone(**{"url": repository.as_uri(), **told}, folder=tmp_path / "clone")  # type: ignore[arg-type]
    except GitError as error:
        assert str(error)
    else:
        assert "directories" in given, "it is a folder's name, and no such folder is there"
    assert not mark.exists()


@pytest.fixture
def served(repository: Path) -> Iterator[str]:
    """The address of the repository over HTTP, which wants a login."""
    backend = Path(git(repository, "--exec-path")) / "git-http-backend"
    wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    busy = ["for a while"]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/busy"):
                self.path = self.path.removeprefix("/busy")
                if busy:
                    busy.pop()
                    self.send_error(503)
                    return
            if self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="x"')
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            environment = {
                "GIT_PROJECT_ROOT": str(repository.parent),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type") or "",
                "CONTENT_LENGTH": str(len(body)),
                "REMOTE_USER": USER,
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
            }
            done = subprocess.run(
                [backend], env={**os.environ, **environment}, input=body, capture_output=True, check=True
            )
            head, _, answer = done.stdout.partition(b"\r\n\r\n")
            lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(lines.pop("Status", "200").split()[0]))
            for name, value in lines.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/repository/.git"
    server.shutdown()


@pytest.mark.parametrize("in_address", [False, True])
def test_a_login_goes_to_git_and_stands_on_no_command_line(
    in_address: bool, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = (
        subprocess.run(["which", "git"], check=True, capture_output=True, text=True).stdout.strip(),
        tmp_path / "seen",
    )
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {seen}\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(GitError):
        clone(served, tmp_path / "refused")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")  # of the user's own
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "remote.origin.tagOpt")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "--no-tags")
    written = served.replace("://", f"://{USER}:{quote(PASSWORD)}@")
    for _ in ("cloned", "brought up to date"):
        if in_address:
            clone(written, tmp_path / "clone")
        else:
            clone(served, tmp_path / "clone", login=(USER, PASSWORD))
    assert work(tmp_path / "clone") == "second"
    said = seen.read_text() + (tmp_path / "clone" / ".git" / "config").read_text()
    assert PASSWORD not in said
    assert quote(PASSWORD) not in said
    assert base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode() not in said


def test_a_server_that_is_busy_is_asked_again(
    served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("lictor.kit.git.sleep", waited.append)
    clone(served.replace("/repository", "/busy/repository"), tmp_path / "clone", login=(USER, PASSWORD))
    assert work(tmp_path / "clone") == "second"
    assert waited == [1.0]
    assert "tried again in 1 s" in caplog.text
    with pytest.raises(GitError):
        clone(f"http://127.0.0.1:{free_port()}/none", tmp_path / "none")
    assert waited == [1.0, 1.0, 3.0]
    with pytest.raises(GitError):
        clone((tmp_path / "missing").as_uri(), tmp_path / "missing clone")
    assert waited == [1.0, 1.0, 3.0]


def test_the_password_of_a_user_in_an_address_comes_from_where_git_has_it(
    served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = f'!f() {{ test "$1" = get && echo "password={PASSWORD}"; }}; f'
    for number, (name, value) in enumerate({"credential.helper": said, "credential.useHttpPath": "true"}.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
    for _ in ("cloned", "brought up to date"):
        clone(served.replace("://", f"://{USER}@"), tmp_path / "clone")
    assert work(tmp_path / "clone") == "second"


def test_a_repository_from_afar_has_no_folder_of_this_machine_as_its_submodule(
    served: str, repository: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    git(mine, "init", "-q")
    commit(mine, "not meant for it")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", mine.as_uri(), "inner")
    git(repository, "commit", "-q", "-m", "with a folder of whoever clones it")
    with pytest.raises(GitError, match="transport 'file' not allowed"):
        clone(served, tmp_path / "clone", login=(USER, PASSWORD), submodules=True)
    assert not (tmp_path / "clone" / "inner" / "flows").exists()


@pytest.mark.parametrize(
    ("url", "far"),
    [
        ("https://example.org/a.git", True),
        ("git@example.org:a/b.git", True),
        ("ssh://git@example.org/a", True),
        ("file:///srv/a.git", False),
        ("/srv/a:b.git", False),
        ("./a", False),
    ],
)
def test_what_comes_from_afar(url: str, far: bool) -> None:
    assert is_far(url) is far


def test_a_message_in_another_encoding_is_no_failure(repository: Path) -> None:
    git(repository, "config", "i18n.logOutputEncoding", "ISO-8859-1")
    git(repository, "commit", "-q", "--allow-empty", "-m", "Größer")
    assert checkout(repository).message.startswith("Gr")


def test_a_login_is_for_http_alone(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="http and https alone"):
        clone(repository.as_uri(), tmp_path / "clone", login=(USER, PASSWORD))


def test_what_git_says_is_told(tmp_path: Path) -> None:
    with pytest.raises(GitError, match=r"not.* (a git repository|exist)"):
        clone((tmp_path / "nowhere").as_uri(), tmp_path / "clone")
