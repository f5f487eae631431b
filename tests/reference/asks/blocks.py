"""What is asked of block types, block schemas and block documents."""

from __future__ import annotations

from typing import Any

from lictor.wire.block_fields import checksum
from tests.reference.asks.steps import NOBODY, NOT_IDS, delete, get, new_id, patch, post
from tests.reference.telling import Step, Story

MASKED = "********"
ONE = {
    "title": "One",
    "type": "object",
    "properties": {
        "word": {"title": "Word", "type": "string"},
        "password": {"title": "Password", "type": "string", "writeOnly": True, "format": "password"},
        "deep": {"title": "Deep", "type": "object"},
    },
    "required": ["password"],
    "secret_fields": ["password", "deep.*", "inner.key"],
}


def block_type(slug: str = "$story", keep: str = "type", **body: Any) -> Step:
    """Make a block type."""
    return post("/block_types/", {"name": f"Name of {slug}", "slug": slug, **body}, keep={keep: "id"})


def schema(fields: Any = None, keep: str = "schema", owner: str | None = "$type", **body: Any) -> Step:
    """Make a block schema."""
    said = {**ONE, "title": f"One of {keep} $story"} if fields is None else fields
    return post(
        "/block_schemas/",
        {"fields": said, "block_type_id": owner, **body},
        keep={keep: "id", f"{keep}_sum": "checksum"},
    )


def document(name: Any = "$story", keep: str = "document", data: Any = None, **body: Any) -> Step:
    """Make a block document."""
    said = {"word": "w", "password": "p"} if data is None else data
    given = {"name": name, "data": said, "block_schema_id": "$schema", "block_type_id": "$type", **body}
    return post("/block_documents/", given, keep={keep: "id"})


def refer(keep: str) -> dict[str, Any]:
    """Return a reference to a document."""
    return {"$ref": {"block_document_id": f"${keep}"}}


OF_TYPE = {"block_schemas": {"block_type_id": {"any_": ["$type"]}}}
BEGUN = [block_type(), schema()]
SEEN = [get("/block_documents/$document"), get("/block_documents/$document?include_secrets=true")]
OURS = {"block_types": {"slug": {"any_": ["$story", "other-$story"]}}}
NAMES = ["", "a", "a-b", "1", "-", "A", "a_b", "a b", "a/b", "ü", None, 3]
PLAIN = {"title": "Plain of stories", "type": "object", "properties": {"a": {"type": "integer"}}}
CHILD: dict[str, Any] = {
    "title": "Child",
    "type": "object",
    "properties": {"key": {"type": "string"}, "plain": {"$ref": "#/definitions/Plain"}},
    "block_type_slug": "child-of-stories",
    "block_schema_references": {},
    "secret_fields": ["key"],
    "definitions": {"Plain": PLAIN},
}
NESTED = {
    "title": "Parent of $story",
    "type": "object",
    "properties": {"child": {"$ref": "#/definitions/Child"}, "plain": {"$ref": "#/definitions/Plain"}},
    "definitions": {
        "Child": {name: value for name, value in CHILD.items() if name != "definitions"},
        "Plain": PLAIN,
    },
    "block_schema_references": {
        "child": {"block_type_slug": "child-of-stories", "block_schema_checksum": checksum(CHILD)}
    },
    "secret_fields": ["child.key"],
}
DATA: list[dict[str, Any]] = [
    {},
    {"word": "w"},
    {"password": None},
    {"password": ""},
    {"password": 12},
    {"password": ["a", "b"]},
    {"deep": {}},
    {"deep": {"a": "x", "b": {"c": 1, "d": None}}},
    {"deep": None},
    {"deep": "text"},
    {"inner": {"key": "x", "other": "y"}},
    {"inner": {"key": None}},
    {"inner": {}},
    {"unknown": {"a": [1, {"b": None}]}, "word": 1.5},
]
CHANGES: list[dict[str, Any]] = [
    {"data": {"word": "new"}},
    {"data": {"password": MASKED}},
    {"data": {"password": MASKED, "word": "newer"}},
    {"data": {"deep": {"a": MASKED, "b": "new"}}},
    {"data": {"deep": {"a": "only"}}},
    {"data": {"inner": {"key": MASKED, "other": "z"}}},
    {"data": {"password": "changed"}},
    {"data": {"password": None}},
    {"data": {"extra": {"x": {}}}},
    {},
    {"data": {}},
    {"merge_existing_data": False, "data": {"word": "alone", "password": MASKED}},
    {"merge_existing_data": False, "data": {"word": "alone"}},
    {"merge_existing_data": False},
]
FILTERS: list[dict[str, Any]] = [
    {},
    {"block_documents": {}},
    {"block_documents": {"is_anonymous": None}},
    {"block_documents": {"is_anonymous": {"eq_": True}}},
    {"block_documents": {"is_anonymous": {"eq_": None}}},
    {"block_documents": {"is_anonymous": {}}},
    {"block_documents": {"id": {"any_": ["$a", "$none"]}}},
    {"block_documents": {"id": {"any_": []}}},
    {"block_documents": {"block_type_id": {"any_": ["$type"]}}},
    {"block_documents": {"name": {"any_": ["a-$story"]}}},
    {"block_documents": {"name": {"like_": "A-$story"}}},
    {"block_documents": {"name": {"like_": ""}}},
    {"block_documents": {"operator": "or_", "name": {"like_": "a-$story"}, "id": {"any_": ["$none"]}}},
    {"block_types": {"slug": {"any_": ["$story"]}, "name": {"like_": "name of"}}},
    {"block_types": {"name": {"like_": "$story"}}},
    {"block_schemas": {"id": {"any_": ["$schema"]}}},
    {"block_schemas": {"block_type_id": {"any_": ["$other"]}}},
    {"block_schemas": {"version": {"any_": ["1.2"]}}},
    {"block_schemas": {"block_capabilities": {"all_": ["can-$story"]}}},
    {"block_schemas": {"block_capabilities": {"all_": ["can-$story", "cannot"]}}},
    {"block_schemas": {"block_capabilities": {"all_": []}}},
    {"block_schemas": {"operator": "or_", "version": {"any_": ["1.2"]}, "id": {"any_": ["$schema"]}}},
]
TYPES_SOUGHT: list[dict[str, Any]] = [
    {},
    {"limit": 1},
    {"limit": 1, "offset": 1},
    {"limit": 0},
    {"limit": 201},
    {"limit": -1},
    {"offset": -1},
    {"unknown": 1},
    {"block_schemas": {}},
    {"block_schemas": {"block_capabilities": {"all_": ["can-$story"]}}},
    {"block_types": {"name": {"like_": "OTHER-$story"}}},
    {"block_types": {"name": {"like_": "x", "any_": []}}},
    {"block_types": {"slug": {"any_": []}}},
    {"block_types": {"slug": {"any_": ["other-$story"]}, "name": {"like_": "of $story"}}},
]
SCHEMAS_SOUGHT: list[dict[str, Any]] = [
    {},
    {"of": {"id": {"any_": ["$schema"]}}},
    {"of": {"version": {"any_": ["1.2"]}}},
    {"of": {"version": {"any_": []}}},
    {"of": {"block_capabilities": {"all_": ["will"]}}},
    {"of": {"block_capabilities": {"all_": ["will", "not"]}}},
    {"of": {"block_capabilities": {"all_": None}}},
    {"of": {"unknown": 1}},
]
MANY = [
    *BEGUN,
    block_type("other-$story", "other"),
    schema({"title": "other $story"}, "second", "$other", capabilities=["can-$story", "will"], version="1.2"),
    document("b-$story", "b"),
    document("a-$story", "a"),
    document(None, "none", is_anonymous=True),
    document("c-$story", "c", {}, block_schema_id="$second", block_type_id="$other"),
]


def asked_both_ways(sought: dict[str, Any]) -> list[Step]:
    """List and count what a filter finds among a story's documents."""
    wanted = {**OURS, **sought}
    return [post("/block_documents/filter", wanted), post("/block_documents/count", wanted)]


STORIES: dict[str, Story] = {
    "types made": [
        block_type(),
        get("/block_types/$type"),
        get("/block_types/slug/$story"),
        block_type(),
        block_type(
            "full-$story",
            logo_url=" http://x.example/logo.png ",
            documentation_url="https://example.org/none",
            description="<b>bold</b> & \"quoted\" 'text'",
            code_example="a < b && c > d",
        ),
        get("/block_types/$type"),
        block_type("prefect-$story", name="prefect thing"),
        block_type("prefect2-$story", name="PrefectThing"),
        get("/block_types/slug/none-$story"),
    ],
    "types of one name": [block_type(), block_type("same-$story", name="Name of $story")],
    "names of types": [
        *(
            post("/block_types/", {"name": "n", "slug": slug})
            for slug in NAMES
            if slug not in ("", "a", "a-b", "1", "-")
        ),
        *(post("/block_types/", {"name": name, "slug": f"{at}-$story"}) for at, name in enumerate([*NAMES, "a%b"])),
    ],
    "types changed": [
        block_type(description="first"),
        patch("/block_types/$type", {"description": "<second>", "code_example": "c"}),
        get("/block_types/$type"),
        patch("/block_types/$type", {"logo_url": "http://x.example/l.png", "documentation_url": "d"}),
        patch("/block_types/$type", {}),
        get("/block_types/$type"),
        patch("/block_types/$type", {"description": None}),
        get("/block_types/$type"),
        patch("/block_types/$type", {"name": "other"}),
        patch("/block_types/$type", {"slug": "other"}),
        patch(f"/block_types/{NOBODY}", {"description": "x"}),
    ],
    "types gone": [
        *BEGUN,
        document(),
        delete("/block_types/$type"),
        delete("/block_types/$type"),
        *(get(path) for path in ("/block_types/$type", "/block_schemas/$schema", "/block_documents/$document")),
        patch("/block_types/$type", {}),
        get(f"/block_types/{NOBODY}"),
    ],
    "ids that are none": [
        Step(method, f"/{kind}/{x}")
        for kind in ("block_types", "block_schemas", "block_documents")
        for x in NOT_IDS
        for method in ("GET", "DELETE")
    ],
    "built-in types": [
        post("/block_types/install_system_block_types"),
        get("/block_types/slug/secret", keep={"type": "id"}, only_refusals=True),
        delete("/block_types/$type"),
        post("/block_schemas/filter", OF_TYPE, keep={"own": "0.id"}, only_refusals=True),
        delete("/block_schemas/$own"),
    ],
    "types filtered": [
        *MANY[:4],
        *(
            post("/block_types/filter", {"block_types": {"slug": {"any_": ["$story", "other-$story"]}}, **sought})
            for sought in TYPES_SOUGHT
        ),
    ],
    "schemas made": [
        *BEGUN,
        get("/block_schemas/$schema"),
        schema(),
        schema(version="1"),
        get("/block_schemas/checksum/$schema_sum"),
        get("/block_schemas/checksum/$schema_sum?version=non-versioned"),
        get("/block_schemas/checksum/$schema_sum?version=none"),
        get("/block_schemas/checksum/none"),
        schema({"title": "$story", "secret_fields": ["a"]}),
        schema({"title": "$story", "secret_fields": ["b"], "definitions": {}}),
        schema({"title": "$story", "properties": {"x": {"secret_fields": ["z"]}}}),
        schema({"title": "$story ünïcode", "numbers": [1, 1.0, 1e300, -0.5, True, None]}),
        schema({"title": "$story", "definitions": {"Unused": {"type": "string"}}}),
        schema({"title": "plain $story", "p": {"$ref": "#/definitions/A"}, "definitions": {"A": {"x": 1}, "B": {}}}),
        schema(capabilities=["b", "a", "b"], fields={"title": "can $story"}),
        schema(owner=NOBODY),
        schema(owner=None),
        schema(fields=[]),
        post("/block_schemas/", {"block_type_id": "$type", "checksum": "x"}),
    ],
    "schemas nested": [
        block_type(),
        schema(NESTED),
        block_type("child-of-stories", "child"),
        schema(NESTED),
        get("/block_schemas/checksum/$schema_sum"),
        post("/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": ["$child"]}}}, keep={"c": "0.id"}),
        schema(NESTED),
        schema({"title": "of $story", "block_schema_references": {"child": {"block_type_slug": "missing-$story"}}}),
    ],
    "schemas filtered": [
        *MANY[:4],
        *(
            post(
                "/block_schemas/filter",
                {"block_schemas": {"block_type_id": {"any_": ["$type", "$other"]}, **sought.get("of", {})}, **more},
            )
            for sought in SCHEMAS_SOUGHT
            for more in ({}, {"limit": 1}, {"limit": 1, "offset": 1})
        ),
    ],
    "schemas gone": [
        *BEGUN,
        document(),
        delete("/block_schemas/$schema"),
        delete("/block_schemas/$schema"),
        get("/block_documents/$document"),
        get("/block_schemas/$schema"),
        get(f"/block_schemas/{NOBODY}"),
    ],
    "documents made": [
        *BEGUN,
        document(),
        *SEEN,
        document(),
        document(None),
        document(None, "a", is_anonymous=True),
        document("named-$story", "a", is_anonymous=True),
        get("/block_documents/$a"),
        document("x", block_type_id=None),
        document("x", block_schema_id=NOBODY),
        document("x", data=[]),
        document("x", unknown=1),
        get("/block_types/slug/$story/block_documents/name/$story"),
        get("/block_types/slug/$story/block_documents/name/$story?include_secrets=true"),
        get("/block_types/slug/$story/block_documents/name/none"),
        get("/block_types/slug/none-$story/block_documents/name/none"),
        get("/block_types/slug/$story/block_documents"),
        get("/block_types/slug/$story/block_documents?include_secrets=true"),
        get("/block_types/slug/none-$story/block_documents"),
        get("/block_documents/$document?include_secrets=maybe"),
        get(f"/block_documents/{NOBODY}"),
    ],
    "names of documents": [*BEGUN, *(document(name) for name in NAMES)],
    "values of documents": [
        *BEGUN,
        *(step for at, data in enumerate(DATA) for step in (document(f"v-{at}", data=data), *SEEN)),
    ],
    "documents changed": [
        *BEGUN,
        document(data={"password": "p", "deep": {"a": "x", "c": "y"}, "inner": {"key": "k", "other": "y"}}),
        *(step for change in CHANGES for step in (patch("/block_documents/$document", change), *SEEN)),
        schema({"title": "other of $story"}, "further"),
        patch("/block_documents/$document", {"block_schema_id": "$further", "data": {"word": "x"}}),
        get("/block_documents/$document"),
        block_type("other-$story", "other"),
        schema({"title": "of other $story"}, "foreign", "$other"),
        patch("/block_documents/$document", {"block_schema_id": "$foreign", "data": {"word": "x"}}),
        patch("/block_documents/$document", {"name": "x"}),
        patch(f"/block_documents/{NOBODY}", {"data": {}}),
    ],
    "documents that refer": [
        *BEGUN,
        document("inner-$story", "inner", {"password": "inner", "word": "w"}),
        document("middle-$story", "middle", {"password": "m", "child": refer("inner")}),
        document(data={"child": refer("middle"), "word": "o"}),
        *SEEN,
        patch("/block_documents/$document", {"data": {"word": "x"}}),
        *SEEN,
        patch("/block_documents/$document", {"data": {"child": refer("inner")}}),
        *SEEN,
        patch("/block_documents/$document", {"data": {"child": refer("inner"), "second": refer("middle")}}),
        *SEEN,
        patch("/block_documents/$inner", {"data": {"back": refer("document")}}),
        patch("/block_documents/$inner", {"data": {"back": refer("inner")}}),
        document("lost", data={"child": {"$ref": {"block_document_id": NOBODY}}}),
        document("empty", data={"child": {"$ref": {}}}),
        delete("/block_documents/$inner"),
        *SEEN,
        get("/block_documents/$middle"),
        delete("/block_documents/$document"),
        get("/block_documents/$middle"),
    ],
    "documents filtered": [*MANY, *(step for sought in FILTERS for step in asked_both_ways(sought))],
    "documents sorted": [
        *MANY,
        *(
            post("/block_documents/filter", {**OURS, **said})
            for said in (
                {"sort": "NAME_ASC"},
                {"sort": "NAME_DESC"},
                {"sort": "BLOCK_TYPE_AND_NAME_ASC"},
                {"sort": "NAME"},
                {"limit": 2},
                {"limit": 2, "offset": 1},
                {"limit": 0},
                {"limit": 201},
                {"limit": -1},
                {"offset": -1},
                {"include_secrets": True},
                {"include_secrets": "maybe"},
            )
        ),
    ],
    "documents gone": [
        *BEGUN,
        document(),
        delete("/block_documents/$document"),
        delete("/block_documents/$document"),
        get("/block_documents/$document"),
        document(),
        delete(f"/block_documents/{new_id()}"),
    ],
    "capabilities": [get("/block_capabilities/", only_refusals=True)],
}
