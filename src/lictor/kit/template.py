"""Jinja templates that users write: rendered in a sandbox, and given up where they would take long or grow large."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, wraps
from string import Formatter
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from jinja2 import Template, nodes
    from jinja2.sandbox import SandboxedEnvironment
    from jinja2.visitor import NodeTransformer

MOST_TEXT, MOST_SAID = 32_768, 300
"""How long a template may be, and what is said of one that fails."""
MOST_LOOPS, MOST_NESTED_LOOPS, LONGEST_RANGE = 10, 2, 100
MOST_WORK, STEP = 1_000_000, 100
"""What renderings may cost: each character and item that is made 1; a turn of a loop or a call a step and all text."""
START = 1_000
WIDEST, LARGEST_BITS = 1_000, 4_096
WIDE = frozenset(
    "center indent wordwrap batch slice round tojson truncate ljust rjust zfill expandtabs to_bytes".split()  # noqa: SIM905
)
"""Filters and methods whose numbers say how long or wide something gets."""
TIMES = frozenset(("replace", "join", "translate"))
"""Those whose texts may be put in at every place of what they are called on."""
FORMATS = frozenset(("format", "format_map"))
DIGITS = re.compile(r"\d{4}")
WIDTH = re.compile(r"[-#0 +.\d]*(?:\*|\d{4})")
"""In what is formatted: a width that is large, or that another value gives."""
TOO_MUCH = "It takes too long to render, or its text grows too large."


class InvalidTemplate(Exception):
    """A template is malformed, or cannot be rendered; `line` says where, 0 that it is no one line."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def check(text: str) -> None:
    """Refuse a template that is malformed, too long, or loops too much; what it will be filled with is not known."""
    parsed(text)


def rendered(text: str, values: Mapping[str, Any], work: Work | None = None) -> str:
    """Return a template with values filled in; what they do not have is empty text.

    Text without `{{` and `{%` is returned as it is. Templates that are rendered with the same `work` share what they
    may cost together.
    """
    work = work or Work()
    work.spend(START + len(text))
    tree = parsed(text)
    if "{{" not in text and "{%" not in text:
        return text
    work.step = STEP + len(text)
    try:
        made: str = compiled(tree, work).render(values)
    except InvalidTemplate:
        raise
    except Exception as error:  # whatever a template may raise
        raise InvalidTemplate(f"{type(error).__name__}: {error}"[:MOST_SAID]) from None
    return made


def parsed(text: str) -> nodes.Template:
    """Return a template's tree, if it is one that may be rendered."""
    from jinja2 import TemplateSyntaxError, nodes  # noqa: PLC0415  # only who has templates pays for loading it

    if len(text) > MOST_TEXT:
        raise InvalidTemplate(f"{len(text)} characters are too many: {MOST_TEXT} at most.")
    try:
        tree = sandbox()(Work()).parse(text)
    except TemplateSyntaxError as error:
        raise InvalidTemplate(f"{error.message} (line {error.lineno})", error.lineno) from None
    except RecursionError:
        raise InvalidTemplate("It is nested too deep.") from None
    loops = list(tree.find_all(nodes.For))
    if len(loops) > MOST_LOOPS:
        raise InvalidTemplate(f"It has {len(loops)} loops: {MOST_LOOPS} at most.")
    if loops and (depth := depth_of(tree)) > MOST_NESTED_LOOPS:
        raise InvalidTemplate(f"Its loops are nested {depth} deep: {MOST_NESTED_LOOPS} at most.")
    return tree


def depth_of(node: nodes.Node) -> int:
    """Return how deep loops are nested."""
    from jinja2 import nodes  # noqa: PLC0415

    inner = max((depth_of(child) for child in node.iter_child_nodes()), default=0)
    return inner + isinstance(node, nodes.For)


class Work:
    """What may still be done to render templates."""

    def __init__(self) -> None:
        self.step, self.left = STEP, MOST_WORK

    def spend(self, cost: int) -> None:
        """Note that something costs so much, before it is done."""
        self.left -= cost
        if self.left < 0:
            raise InvalidTemplate(TOO_MUCH)

    def made(self, value: Any) -> Any:
        """Return a value once it is paid for."""
        self.spend(size(value))
        return value

    def turns(self, items: Any) -> Iterator[Any]:
        """Yield what is looped over."""
        for item in items:
            self.spend(self.step)
            yield item

    def joined(self, items: list[Any]) -> str:
        """Return several values as one text: what `~` does."""
        return "".join(map(str, self.made(items)))

    def before(self, name: str, value: Any, given: tuple[Any, ...]) -> None:
        """Pay for a filter, a test or a method; refuse it if its arguments would make something too large."""
        if name in WIDE and any(isinstance(each, int) and abs(each) > WIDEST for each in given):
            raise InvalidTemplate(f"{name}: {WIDEST} is the largest number that it takes.")
        if name in FORMATS:
            self.spend(filled_in(value) * size(given))
        if name in TIMES:
            self.spend((size(value) + 1) * max(map(size, given), default=1))
        self.spend(STEP + size(value) + size(given))

    def calculate(self, operator: str, left: Any, right: Any) -> None:
        """Pay for a calculation; refuse it if what comes out would be too large."""
        if isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * abs(right) if operator == "**" else left.bit_length() + right.bit_length()
            if bits > LARGEST_BITS:
                raise InvalidTemplate(f"{operator}: the number gets too large.")
        if operator == "%" and isinstance(left, str):
            self.spend(filled_in(left) * size(right))
        repeated = [abs(each) for each in (left, right) if isinstance(each, int)]
        self.spend((size(left) + size(right)) * (max(repeated) if operator == "*" and len(repeated) == 1 else 1))


def size(value: Any) -> int:
    """Return how many characters and items are in a value, with all that is in it."""
    found, inside = 0, [value]
    while inside and found <= MOST_WORK:
        each = inside.pop()
        found += len(each) if isinstance(each, str | bytes) else 1
        if isinstance(each, dict):
            inside += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple | set | frozenset):
            inside += each
    return found


def filled_in(text: str) -> int:
    """Return at how many places of a text something is filled in; refuse one with widths that are large."""
    if percent_is_wide(text) or braces_are_wide(text):
        raise InvalidTemplate("A width in what is formatted is too large, or is given by another value.")
    return text.count("{") + text.count("%")


def percent_is_wide(text: str) -> bool:
    """Tell whether a text for `%` has a large width."""
    at = text.find("%")
    while at >= 0:
        at = after_name(text, at + 1)
        if WIDTH.match(text, at):
            return True
        at = text.find("%", at + text.startswith("%", at))
    return False


def after_name(text: str, at: int) -> int:
    """Return where a name in parentheses ends that may begin at a place; a text's end if it does not end."""
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth <= 0:
            return place + (text[place] == ")" and place > at)
    return len(text)


def braces_are_wide(text: str) -> bool:
    """Tell whether a text for `format` has a large width."""
    try:
        return any(spec and ("{" in spec or DIGITS.search(spec)) for _, _, spec, _ in Formatter().parse(text))
    except ValueError:
        return False  # no format at all


def short_range(*args: int) -> range:
    """Return a range, if it is short."""
    made = range(*args)
    if len(made) > LONGEST_RANGE:
        raise InvalidTemplate(f"range: {len(made)} numbers are too many: {LONGEST_RANGE} at most.")
    return made


@lru_cache(1)
def sandbox() -> type[SandboxedEnvironment]:
    """Return the class of environments whose templates pay for what they do."""
    from jinja2 import ChainableUndefined  # noqa: PLC0415
    from jinja2.runtime import Context, LoopContext  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    class Environment(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset(("+", "*", "**", "%"))

        def __init__(self, work: Work) -> None:
            super().__init__(undefined=ChainableUndefined, finalize=work.made, optimized=False, cache_size=0)
            self.work = work
            for functions in cast("list[dict[str, Callable[..., Any]]]", [self.filters, self.tests]):
                functions.update({name: paid(name, function, work) for name, function in functions.items()})
            self.filters.update(turns=work.turns, joined=work.joined, made=work.made)
            self.globals["range"] = short_range
            del self.globals["lipsum"]

        def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
            self.work.calculate(operator, left, right)
            return super().call_binop(context, operator, left, right)

        def call(self, context: Context, called: Any, *args: Any, **named: Any) -> Any:
            self.work.spend(self.work.step)
            given = (*args, *named.values())
            method = getattr(called, "__wrapped__", called)
            self.work.before(getattr(method, "__name__", ""), getattr(method, "__self__", None), given)
            if isinstance(called, LoopContext) and args:
                args = (self.work.turns(args[0]), *args[1:])
            return self.work.made(super().call(context, called, *args, **named))

    return Environment


def paid(name: str, function: Callable[..., Any], work: Work) -> Callable[..., Any]:
    """Return a filter or a test that pays for what it does."""
    first = int(hasattr(function, "jinja_pass_arg"))  # those get the context before the value

    @wraps(function)
    def asked(*args: Any, **named: Any) -> Any:
        work.before(name, args[first], (*args[first + 1 :], *named.values()))
        return work.made(function(*args, **named))

    return asked


@lru_cache(1)
def toll() -> type[NodeTransformer]:
    """Return the class of what makes templates pay for the turns of loops, joining, cutting and comparing."""
    from jinja2 import nodes  # noqa: PLC0415
    from jinja2.visitor import NodeTransformer  # noqa: PLC0415

    def through(name: str, node: nodes.Node) -> nodes.Filter:
        return nodes.Filter(cast("nodes.Expr", node), name, [], [], None, None, lineno=node.lineno)

    class Toll(NodeTransformer):
        def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
            node.iter = through("turns", node.iter)
            return self.generic_visit(node)

        def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
            return self.generic_visit(through("joined", nodes.List(node.nodes, lineno=node.lineno)))

        def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
            made = self.generic_visit(node)
            return through("made", made) if isinstance(node.arg, nodes.Slice) else made

        def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
            node.expr = through("made", node.expr)
            return self.generic_visit(node)

    return Toll


def compiled(tree: nodes.Template, work: Work) -> Template:
    """Return a template that pays for what it does."""
    from jinja2 import Template  # noqa: PLC0415

    made = sandbox()(work)
    tree = toll()().visit(tree)
    tree.set_environment(made)
    return Template.from_code(made, made.compile(tree), made.globals)
