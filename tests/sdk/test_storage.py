"""Places of code: what they say to runs, how code comes from them, and that no secret is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import SecretStr

from lictor import Flow, flow
from lictor.blocks.core import Block, BlockNotSavedError
from lictor.blocks.system import Secret
from lictor.deployments.steps import pull_from_remote_storage, pull_with_block
from lictor.engine.errors import EntrypointError
from lictor.filesystems import LocalFileSystem, RemoteFileSystem
from lictor.kit.git import GitError
from lictor.runner.storage import (
    BlockStorageAdapter,
    GitRepository,
    LocalStorage,
    RemoteStorage,
    create_storage_from_source,
)
from lictor.sdk.api.deployment import READ
from lictor.sdk.deployment_steps import run_steps
from lictor.sdk.repository import SECRETIVE, folder_name, login_of
from lictor.sdk.storage import placeholders, storage_of
from lictor.settings import reset
from tests.sdk.conftest import Api

STEPS = "prefect.deployments.steps."
CODE = """
from lictor import flow

@flow(name={name!r})
def work(x: int = 1) -> int:
    from beside import FACTOR
    return x * FACTOR
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the tests work in; what they load of code is forgotten again."""
    before, path = dict(sys.modules), list(sys.path)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.path[:] = path
    for name in sys.modules.keys() - before.keys():
        if name in ("work", "beside"):
            del sys.modules[name]


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder with a flow that imports something only when it runs."""
    folder = tmp_path / "code"
    (folder / "flows").mkdir(parents=True)
    (folder / "flows" / "work.py").write_text(CODE.format(name=f"flow-{uuid4()}"))
    (folder / "flows" / "beside.py").write_text("FACTOR = 7")
    return folder


@pytest.fixture
def bucket(code: Path) -> str:
    """The address of a folder in memory with the same flow."""
    files = RemoteFileSystem(basepath=f"memory://{uuid4()}/code")
    files.put_directory(str(code))
    return files.basepath


def secret(api: Api) -> tuple[Any, str]:
    """Save a secret; return it, and its placeholder."""
    name = f"secret-{uuid4()}"
    Secret(value="a hidden word").save(name)
    return Secret.load(name), f"{{{{ prefect.blocks.secret.{name} }}}}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://example.org/a/flows.git", GitRepository("https://example.org/a/flows.git")),
        ("https://example.org/a/flows", GitRepository("https://example.org/a/flows")),
        ("git://example.org/flows", GitRepository("git://example.org/flows")),
        ("git@example.org:a/flows.git", GitRepository("git@example.org:a/flows.git")),
        ("git@example.org:a/flows", GitRepository("git@example.org:a/flows")),
        ("ssh://git@example.org/a/flows", GitRepository("ssh://git@example.org/a/flows")),
        ("file:///srv/flows.git", GitRepository("file:///srv/flows.git")),
        ("file:///srv/flows", LocalStorage("/srv/flows")),
        ("local:///srv/flows", LocalStorage("/srv/flows")),
        ("/srv/flows", LocalStorage("/srv/flows")),
        ("/srv/flows/../x/", LocalStorage("/srv/x")),
        (Path("/srv/flows"), LocalStorage("/srv/flows")),
        ("s3://bucket/flows", RemoteStorage("s3://bucket/flows")),
        ("gs://bucket", RemoteStorage("gs://bucket")),
        ("az://container/flows", RemoteStorage("az://container/flows")),
        ("memory://flows/x", RemoteStorage("memory://flows/x")),
    ],
)
def test_a_source_stands_for_a_place(source: str | Path, expected: Any) -> None:
    assert storage_of(source) == expected
    assert create_storage_from_source(str(source)) == expected
    assert {storage_of(source), expected} == {expected}


@pytest.mark.parametrize("source", [None, 5, object(), Secret(value="x")])
def test_what_stands_for_no_place_is_told(source: Any) -> None:
    with pytest.raises(TypeError, match="no storage and no block"):
        storage_of(source)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: GitRepository("x.git", {"username": "me"}), "credentials: a username alone"),
        (lambda: GitRepository("x.git", branch="a", commit_sha="abcd"), "branch, commit_sha: give one"),
        (lambda: GitRepository("x.git", branch="--upload-pack=x"), "branch: no branch begins with a dash"),
        (lambda: GitRepository("x.git", commit_sha="main"), "commit_sha: 'main' is no commit"),
        (lambda: RemoteStorage("bucket/x"), "url: 'bucket/x' names no place"),
        (lambda: RemoteStorage("s3://"), "url: 's3://' names no place"),
        (lambda: RemoteStorage("s3://bucket/../x"), "names no place"),
        (lambda: BlockStorageAdapter(Secret(value="x")), "block: code comes from those"),
        (lambda: BlockStorageAdapter("x"), "block: 'x' is no block"),
        (lambda: login_of("https://example.org", {"username": "me"}), "credentials: one of"),
    ],
)
def test_what_cannot_be_is_told(make: Any, said: str) -> None:
    with pytest.raises((ValueError, TypeError)) as raised:
        make()
    assert said in str(raised.value)


def test_a_flow_comes_from_a_bucket_and_its_deployment_says_so(api: Api, bucket: str) -> None:
    found = Flow.from_source(bucket, "flows/work.py:work")
    assert found(2) == 14  # what it imports when it runs is still there
    made = api.client(READ(id=found.to_deployment("from-bucket").apply()))
    assert made.pull_steps == [{f"{STEPS}pull_from_remote_storage": {"url": bucket, "requires": "fsspec"}}]


def test_a_flow_comes_from_a_block_and_a_run_gets_it_there(api: Api, code: Path, here: Path) -> None:
    name = f"files-{uuid4()}"
    block = LocalFileSystem(basepath=str(code))
    with pytest.raises(BlockNotSavedError):
        BlockStorageAdapter(block).to_pull_step()
    block.save(name)
    found = Flow.from_source(block, "flows/work.py:work")
    assert found(3) == 21
    steps = found.to_deployment("from-block").pull_steps or []
    said = {"block_type_slug": "local-file-system", "block_document_name": name}
    assert steps == [{f"{STEPS}pull_with_block": said}]
    (here / "run").mkdir()
    os.chdir(here / "run")
    for _ in range(2):  # what was there before is replaced
        assert run_steps(steps)["directory"] == f"local-file-system-{name}"
        assert Path.cwd() == here / "run" / f"local-file-system-{name}"
        assert sorted(each.name for each in Path("flows").iterdir()) == ["beside.py", "work.py"]
        Path("flows/stray.py").touch()
        os.chdir(here / "run")


def test_a_folder_is_copied_into_one_of_its_own(api: Api, code: Path) -> None:
    name = f"files-{uuid4()}"
    LocalFileSystem().save(name)
    os.chdir(code)
    for _ in range(2):
        place = pull_with_block(name, "local-file-system")["directory"]
        assert os.listdir(place) == ["flows"]
    assert sorted(os.listdir()) == ["flows", place]


def test_a_run_gets_a_folder_that_fsspec_reaches(bucket: str, here: Path) -> None:
    made = run_steps([{f"{STEPS}pull_from_remote_storage": {"url": bucket, "requires": "fsspec", "id": "code"}}])
    place = bucket.removeprefix("memory://")
    assert made["code"] == {"directory": place}
    assert Path.cwd() == here / place
    assert Path("flows/beside.py").read_text() == "FACTOR = 7"


def test_settings_reach_the_driver(code: Path, here: Path) -> None:
    step = {"url": f"dir://{code}", "path": str(code.parent), "target_protocol": "file"}
    with pytest.raises(EntrypointError, match="cannot be had"):
        run_steps([{f"{STEPS}pull_from_remote_storage": {**step, "path": str(here / "none")}}])
    step = {"url": "dir://code/flows", "path": str(here), "target_protocol": "file"}
    (here / "run").mkdir()
    os.chdir(here / "run")
    assert run_steps([{f"{STEPS}pull_from_remote_storage": step}])["directory"] == "code/flows"
    assert Path("beside.py").is_file()


def test_a_block_that_says_its_own_step_is_asked(api: Api) -> None:
    class Own(LocalFileSystem):
        _block_type_slug: ClassVar[str | None] = f"own-{uuid4()}"

        def get_pull_step(self) -> list[dict[str, Any]]:
            return [{"mine.first": {}}, {"mine.second": {"x": 1}}]

    @flow(name="own")
    def mine() -> None: ...

    found = mine.with_options()
    found.source = type("Source", (), {"storage": storage_of(Own()), "entrypoint": "x.py:mine"})()
    assert found.to_deployment("x").pull_steps == [{"mine.first": {}}, {"mine.second": {"x": 1}}]


def test_no_secret_stands_in_a_step(api: Api) -> None:
    word, there = secret(api)
    storage = RemoteStorage(
        "s3://bucket/x", key=word, client_kwargs={"endpoint_url": "http://here", "headers": [word]}, anon=False
    )
    assert storage.to_pull_step()[f"{STEPS}pull_from_remote_storage"] == {
        "url": "s3://bucket/x",
        "key": there,
        "client_kwargs": {"endpoint_url": "http://here", "headers": [there]},
        "anon": False,
        "requires": "s3fs",
    }
    step = GitRepository("https://example.org/a.git", {"username": "me", "access_token": word}).to_pull_step()
    assert step[f"{STEPS}git_clone"]["credentials"] == {"username": "me", "access_token": there}
    step = GitRepository("https://example.org/a.git", word).to_pull_step()
    assert step[f"{STEPS}git_clone"]["credentials"] == there
    assert "hidden" not in repr([storage, GitRepository("https://example.org/a.git", {"access_token": word})])


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"key": Secret(value="a hidden word")}, "settings.key"),
        ({"key": SecretStr("a hidden word")}, "settings.key"),
        ({"secret": "a hidden word"}, "settings.secret"),
        ({"client_kwargs": {"aws_secret_access_key": "a hidden word"}}, "settings.client_kwargs.aws_secret_access_key"),
        ({"connection_string": "a hidden word"}, "settings.connection_string"),
        ({"account_key": "a hidden word"}, "settings.account_key"),
        ({"token": "a hidden word"}, "settings.token"),
        ({"credential": "a hidden word"}, "settings.credential"),
        (
            {"client_kwargs": {"headers": {"Authorization": "a hidden word"}}},
            "settings.client_kwargs.headers.Authorization",
        ),
    ],
)
def test_a_secret_in_clear_is_refused(settings: dict[str, Any], place: str) -> None:
    with pytest.raises(ValueError, match=f"^{place}: give a Secret block") as raised:
        RemoteStorage("s3://bucket/x", **settings).to_pull_step()
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize(
    "settings",
    [{"token": "anon"}, {"token": "/etc/key.json"}, {"secret": "{{ prefect.blocks.secret.x }}"}, {"key": "AK"}],
)
def test_what_is_no_secret_is_told(settings: dict[str, Any]) -> None:
    step = RemoteStorage("gs://bucket/x", **settings).to_pull_step()[f"{STEPS}pull_from_remote_storage"]
    assert step == {"url": "gs://bucket/x", **settings, "requires": "gcsfs"}


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_settings_without_secrets_stay_as_they_are(value: Any) -> None:
    assert placeholders({"x": value}, "settings") == json.loads(json.dumps({"x": value}))


@given(JSON, some.sampled_from(["secret", "password", "api_key", "sas_token", "Client_Secret"]))
def test_a_hidden_word_is_found_wherever_it_is(value: Any, name: str) -> None:
    assert SECRETIVE.fullmatch(name)
    with pytest.raises(ValueError, match="steps are not secret"):
        placeholders([value, {"x": [{name: "word"}]}], "settings")


class Token(Block):
    """Credentials of one's own."""

    token: SecretStr
    username: str | None = None


class Host(Block):
    """Credentials that know how their host has them."""

    token: SecretStr

    def format_git_credentials(self, url: str) -> str:
        return url.replace("://", f"://x%40y:{self.token.get_secret_value()}%2F@")


@pytest.mark.parametrize(
    ("host", "credentials", "login"),
    [
        ("github.com", None, None),
        ("github.com", {}, None),
        ("github.com", {"access_token": "t"}, ("git", "t")),
        ("github.com", {"username": "u", "password": "p"}, ("u", "p")),
        ("github.com", {"access_token": SecretStr("t")}, ("git", "t")),
        ("github.com", {"access_token": Secret(value="t")}, ("git", "t")),
        ("github.com", {"access_token": "a:b"}, ("git", "a:b")),
        ("gitlab.example.org", {"token": "t"}, ("oauth2", "t")),
        ("gitlab.example.org", {"token": "u:t"}, ("u", "t")),
        ("bitbucket.org", {"token": "t"}, ("x-token-auth", "t")),
        ("bitbucket.org", {"token": "u:t"}, ("u", "t")),
        ("bitbucket.org", {"username": "v", "token": "u:t"}, ("v", "u:t")),
        ("github.com", Token(token=SecretStr("t")), ("git", "t")),
        ("github.com", Token(token=SecretStr("t"), username="u"), ("u", "t")),
        ("github.com", Host(token=SecretStr("t")), ("x@y", "t/")),
    ],
)
def test_credentials_stand_for_a_login(host: str, credentials: Any, login: Any) -> None:
    assert login_of(f"https://{host}/a/b.git", credentials) == login


@pytest.mark.parametrize(
    ("url", "branch", "name"),
    [
        ("https://example.org/me/flows.git", None, "flows"),
        ("https://example.org/me/flows/", "a/b", "flows-a-b"),
        ("https://example.org/me/..", None, "repository"),
        ("https://example.org/.git", None, "repository"),
        ("https://example.org/.git", "a", "repository-a"),
        (".", None, "repository"),
    ],
)
def test_a_clone_goes_into_a_folder_of_its_own(url: str, branch: str | None, name: str) -> None:
    assert folder_name(url, branch) == name


def test_a_login_in_an_address_is_not_told(here: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = "memory://me:hidden-word@place/code"
    storage = RemoteStorage(url)
    with pytest.raises(RuntimeError) as failed:
        storage.pull()
    repository = GitRepository("https://me:hidden-word@example.org/a.git")
    with caplog.at_level("WARNING"):
        repository.to_pull_step()
        storage.to_pull_step()
    said = [str(failed.value), repr(storage), repr(repository), storage.name, *caplog.messages]
    assert not any("hidden-word" in each for each in said)
    assert len([each for each in caplog.messages if "in clear" in each]) == 2
    assert not list(here.rglob("*hidden*"))
    assert RemoteStorage("abfs://container@account.example.org/code").name == "container@account.example.org/code"


def test_what_cannot_be_had_is_told(api: Api, here: Path) -> None:
    with pytest.raises(RuntimeError, match="'memory://nothing/there' cannot be had: there are no files"):
        Flow.from_source("memory://nothing/there", "work.py:work")
    with pytest.raises(RuntimeError, match="'nonsense://x' cannot be had: ValueError: Protocol not known"):
        Flow.from_source("nonsense://x", "work.py:work")
    with pytest.raises(ValueError, match="There is no folder"):
        Flow.from_source("./nowhere", "work.py:work")
    with pytest.raises(GitError):
        Flow.from_source(f"file://{here}/nowhere.git", "work.py:work")
    with pytest.raises(ValueError, match="there is no block 'none' of the type 'local-file-system'"):
        pull_with_block("none", "local-file-system")
    said = {"block_document_name": "none", "block_type_slug": "local-file-system"}
    with pytest.raises(EntrypointError, match="there is no block 'none'"):
        run_steps([{f"{STEPS}pull_with_block": said}])


def test_a_missing_package_is_named() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('fsspec', 's3fs')))\n"
        "from lictor.runner.storage import RemoteStorage\n"
        "try:\n"
        "    RemoteStorage('s3://bucket/x').pull_code()\n"
        "except ImportError as error:\n"
        "    print(error)\n"
        "print(RemoteStorage('s3://bucket/x').to_pull_step(), 'pydantic' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    said, step = done.stdout.splitlines()
    assert "pip install 'lictor[fsspec]' s3fs" in said
    assert step.endswith("'url': 's3://bucket/x', 'requires': 's3fs'}} False")


async def test_in_async_code_all_of_it_is_awaited(api: Api, bucket: str, code: Path, here: Path) -> None:
    storage = RemoteStorage(bucket)
    storage.set_base_path(here / "base")
    await storage.pull_code()
    assert (storage.destination / "flows" / "work.py").is_file()
    adapter = BlockStorageAdapter(LocalFileSystem(basepath=str(code)))
    adapter.set_base_path(here / "base")
    await adapter.pull_code()
    assert (adapter.destination / "flows" / "work.py").is_file()
    await LocalStorage(code).pull_code()
    for source in (bucket, LocalFileSystem(basepath=str(code)), code):
        found = await Flow.from_source(source, "flows/work.py:work")  # type: ignore[misc]
        assert found.name == (await Flow.afrom_source(source, "flows/work.py:work")).name
    made = await found.to_deployment("x", tags=["a"])
    assert (made.tags, made) == (["a"], await found.ato_deployment("x", tags=["a"]))


async def test_a_storage_of_ones_own_may_be_async(code: Path) -> None:
    class Mine:
        pull_interval = None
        destination = Path()

        def set_base_path(self, path: Path) -> None:
            self.destination = path / "mine"

        async def pull_code(self) -> None:
            (self.destination / "flows").mkdir(parents=True)
            (self.destination / "flows" / "work.py").write_text(CODE.format(name="mine"))

        def to_pull_step(self) -> dict[str, Any]:
            return {"mine.step": {}}

    found = await Flow.afrom_source(Mine(), "flows/work.py:work")
    assert found.name == "mine"
    assert (await found.ato_deployment("x")).pull_steps == [{"mine.step": {}}]


def test_code_that_was_got_ends_with_the_process(code: Path, here: Path) -> None:
    temporary = here / "temporary"
    temporary.mkdir()
    script = (
        "import sys, tempfile, os\n"
        "from lictor import Flow\n"
        "found = Flow.from_source(sys.argv[1], 'flows/work.py:work')\n"
        "print(len(os.listdir(tempfile.gettempdir())), found.fn(2))\n"
    )
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *who, *words], cwd=code, check=True)
    code.rename(here / "code.git")
    done = subprocess.run(
        [sys.executable, "-c", script, f"file://{here}/code.git"],
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout == "1 14\n", done.stderr
    assert os.listdir(temporary) == []


def test_direct_calls_of_steps_say_where_the_code_is(bucket: str, api: Api, code: Path) -> None:
    reset()
    assert pull_from_remote_storage(bucket) == {"directory": bucket.removeprefix("memory://")}
    name = f"files-{uuid4()}"
    LocalFileSystem(basepath=str(code)).save(name)
    assert pull_with_block(name, "local-file-system") == {"directory": f"local-file-system-{name}"}
