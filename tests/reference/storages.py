"""Says of a table of storages which steps they give to runs: `python storages.py SDK FOLDER`.

PREFECT_API_URL must be set; the folder has a repository `flows.git` with `work.py` in it.
"""
# mypy: ignore-errors

import json
import sys
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import fsspec

SDK, FOLDER = sys.argv[1:]
package, storages = import_module(SDK), import_module(f"{SDK}.runner.storage")
system, filesystems = import_module(f"{SDK}.blocks.system"), import_module(f"{SDK}.filesystems")
GitRepository, RemoteStorage, LocalStorage = storages.GitRepository, storages.RemoteStorage, storages.LocalStorage
REPOSITORY = Path(FOLDER, "flows.git")


def saved(block, name):
    block.save(name, overwrite=True)
    return type(block).load(name)


word = saved(system.Secret(value="word"), "storages-word")
files = saved(filesystems.LocalFileSystem(basepath=str(REPOSITORY)), "storages-files")
remote = filesystems.RemoteFileSystem(basepath="memory://storages/flows")
remote = saved(remote, "storages-remote")
fsspec.filesystem("memory").put(str(REPOSITORY / "work.py"), "/storages/flows/work.py")

GIT = "https://example.org/a/flows.git"
STORAGES = [
    GitRepository(GIT),
    GitRepository(GIT, branch="a/b"),
    GitRepository(GIT, branch="main", name="mine"),
    GitRepository(GIT, name="flows"),
    GitRepository(GIT, commit_sha="abcdef12"),
    GitRepository(GIT, include_submodules=True, directories=["a", "b"]),
    GitRepository(GIT, {"access_token": word}, None, "main", None, False, 30, ["a"]),
    GitRepository(GIT, credentials={"username": "me", "access_token": word}),
    GitRepository(GIT, credentials=word),
    GitRepository("git@example.org:a/flows.git", branch="main"),
    LocalStorage("/srv/flows"),
    LocalStorage("/srv/flows", pull_interval=5),
    LocalStorage(FOLDER),
    RemoteStorage("s3://bucket/flows"),
    RemoteStorage("s3://bucket/flows", 20, key=word, secret=word, client_kwargs={"endpoint_url": "http://x"}),
    RemoteStorage("gs://bucket/flows", token="anon"),
    RemoteStorage("gcs://bucket"),
    RemoteStorage("az://container/flows", account_name="me", account_key=word),
    RemoteStorage("abfs://container/flows", anon=True),
    storages.BlockStorageAdapter(files),
    storages.BlockStorageAdapter(remote, pull_interval=None),
    *map(
        storages.create_storage_from_source,
        (
            *(GIT, "git://example.org/flows", "git@example.org:a/flows.git", "ssh://git@example.org/flows.git"),
            *("file:///srv/flows", "local:///srv/flows", "/srv/flows", "file:///srv/flows.git"),
            *("s3://bucket/flows", "gs://bucket", "github://org:repo@main/flows"),
        ),
    ),
]
SOURCES = [
    str(REPOSITORY),
    GitRepository(REPOSITORY.as_uri(), branch="main"),
    "memory://storages/flows",
    RemoteStorage("memory://storages/flows", skip_instance_cache=True),
    files,
    remote,
]


def sent(made):
    """Return what the server keeps of a deployment."""
    with package.get_client(sync_client=True) as client:
        found = client.read_deployment(made).model_dump(mode="json")
    kept = ("pull_steps", "entrypoint", "path", "job_variables", "parameter_openapi_schema", "version", "description")
    return {name: found[name] for name in kept}


def deployed(source, module=False):
    """Deploy the flow of a source."""
    sys.modules.pop("work", None)
    found = package.flow.from_source(source, "work.work" if module else "work.py:work")
    return sent(found.deploy(f"d-{uuid4()}", work_pool_name="storages", print_next_steps=False, **QUIET))


QUIET = {"ignore_warnings": True}
with package.get_client(sync_client=True) as client:
    actions = import_module(f"{SDK}.client.schemas.actions")
    client.create_work_pool(actions.WorkPoolCreate(name="storages", type="process"), overwrite=True)
steps = [each.to_pull_step() for each in STORAGES]
told = {"steps": steps, "deployed": [deployed(each) for each in SOURCES], "module": deployed(SOURCES[0], module=True)}
print(json.dumps(told))
