"""Templates are rendered in a sandbox, and given up where they would take long or grow large."""

from __future__ import annotations

from typing import Any

import pytest

from lictor.kit.template import InvalidTemplate, check, rendered

VALUES: dict[str, Any] = {"run": {"name": "a", "tags": ["x", "y"]}, "count": 1_700_000_000}

# template -> what it gives
RENDERED: dict[str, str] = {
    "plain {# no template #}": "plain {# no template #}",
    "{{ run.name }}": "a",
    "{{ run.nothing.at_all }}{{ nothing }}": "",
    "{{ count }} {{ count + 1 }} {{ 7 | default(count) }}": "1700000000 1700000001 7",
    "{{ run.tags | join(', ') | upper }}": "X, Y",
    "{% for tag in run.tags %}{{ loop.index }}/{{ loop.length }} {{ tag }};{% endfor %}": "1/2 x;2/2 y;",
    "{% for tag in run.tags if tag != 'x' %}{{ tag }}{% else %}none{% endfor %}": "y",
    "{{ 'a' ~ 1 ~ run.tags }}": "a1['x', 'y']",
    "{{ run | tojson }}": '{"name": "a", "tags": ["x", "y"]}',
    "{{ '%.2f' | format(1.5) }} {{ '{}-{}'.format(count, run.name) }}": "1.50 1700000000-a",
    "{{ 'In 2024: {}, {:>3}'.format(1, 2) }} {{ '%(a)s of 2024' % {'a': 1} }}": "In 2024: 1,   2 1 of 2024",
    "{{ run.name == 'a' and 'x' in run.tags }}": "True",
    "{{ run.tags[1:] }} {{ 'abc'[:2] }} {{ run['name'].upper() }}": "['y'] ab A",
    "{{ run.name is string }} {{ nothing is defined }}": "True False",
    "{% set n = namespace(a=1) %}{% set n.a = n.a + 1 %}{{ n.a }}": "2",
    "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{{ twice(run.name) }}": "aa",
    "{% for x in [1, [2, [3]]] recursive %}{% if x is iterable %}{{ loop(x) }}{% else %}{{ x }}{% endif %}{% endfor %}": "123",
    "{{ [{'a': 1}, {'a': 2}] | map(attribute='a') | sum }}": "3",
    "{{ ''.__class__.__mro__ }}{{ run | attr('__class__') }}{{ cycler.__init__.__globals__ }}": "",
}


@pytest.mark.parametrize("template", RENDERED)
def test_a_template_is_rendered(template: str) -> None:
    assert rendered(template, VALUES) == RENDERED[template]


MALFORMED = {
    "an end": "{{",
    "a loop without its end": "{% for x in y %}",
    "a word": "{% nothing %}",
    "deep": "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
    "long": "a" * 40_000,
    "many loops": "{% for x in y %}{% endfor %}" * 11,
    "deep loops": "{% for a in y %}{% for b in y %}{% for c in y %}{% endfor %}{% endfor %}{% endfor %}",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_template_is_refused(case: str) -> None:
    with pytest.raises(InvalidTemplate):
        check(MALFORMED[case])


GREEDY = {
    "a product": "{{ 'a' * 10 ** 10 }}",
    "a power": "{{ 9 ** 9999999 }}",
    "a product of numbers": "{% set x = 9 ** 1000 %}{{ x * x * x }}",
    "wide": "{{ 'x' | center(1000000000) }}",
    "wide by a method": "{{ 'x'.ljust(1000000000) }}",
    "formatted": "{{ '%1000000000d' % 1 }}",
    "formatted by name": "{{ '%(a)1000000000d' % {'a': 1} }}",
    "formatted by an odd name": "{{ '%(a(b))1000000000d' % {'a(b)': 1} }}",
    "formatted after others": "{{ '%% %(a)s%-1000000000d' % {'a': 1} }}",
    "formatted precisely": "{{ '%.1000000000f' % 1 }}",
    "formatted precisely by a method": "{{ '{} {:.1000000000f}'.format(1, 1.0) }}",
    "formatted by a value": "{{ '%*d' % (1000000000, 1) }}",
    "formatted by a filter": "{{ '%1000000000d' | format(1) }}",
    "formatted by a method": "{{ '{:>1000000000}'.format(1) }}",
    "formatted by a method and a value": "{{ '{:{}}'.format(1, 1000000000) }}",
    "formatted in many places": "{{ ('{0}' * 10000).format('a' * 1000) }}",
    "filled up": "{{ [1] | batch(1000000000, 0) | list }}",
    "replaced": "{{ ('x' * 60000) | replace('x', 'y' * 60000) }}",
    "doubled": "{% set x = 'a' * 1000 %}" + "{% set x = x ~ x %}" * 40,
    "doubled by a sum": "{% set x = 'a' * 1000 %}" + "{% set x = x + x %}" * 40,
    "doubled in a block": "{% set x = 'a' * 1000 %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 40,
    "doubled lists": "{% set x = [1] %}" + "{% set x = [x, x] %}" * 40 + "{{ x }}",
    "doubled lists as JSON": "{% set x = [1] %}" + "{% set x = [x, x] %}" * 40 + "{{ x | tojson }}",
    "many turns": "{% for x in range(100) %}{% for y in range(100) %}{{ x }}{% endfor %}{% endfor %}" * 2,
    "turns of a text": "{% for x in 'a' * 60000 %}{{ x }}{% endfor %}",
    "many calls": "{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(30) }}",
    "calls without end": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "loops without end": "{% for x in range(100) recursive %}{{ loop(range(100)) }}{% endfor %}",
    "comparisons": "{% set x = 'a' * 60000 %}" + "{{ x == x }}" * 200,
    "slices": "{% set x = 'a' * 60000 %}" + "{% if x[:] %}{% endif %}" * 200,
    "a range": "{{ range(1000) }}",
    "a range without a length": "{{ range(10 ** 30) }}",
    "dividing by nothing": "{{ 1 / 0 }}",
    "another template": "{% include 'x' %}",
    "a filter that is not there": "{{ x | nothing }}",
}


@pytest.mark.parametrize("case", GREEDY)
def test_a_template_that_would_take_long_is_given_up(case: str) -> None:
    check(GREEDY[case])
    with pytest.raises(InvalidTemplate):
        rendered(GREEDY[case], {})
