"""Two flows that send each other inputs: `python talks.py SDK asks` and `python talks.py SDK answers ID`.

PREFECT_API_URL must be set. The one that asks prints its run's id, and then all that it got.
"""
# mypy: ignore-errors

import json
import sys
from importlib import import_module
from uuid import UUID

from pydantic import BaseModel

package, inputs = import_module(sys.argv[1]), import_module(f"{sys.argv[1]}.input")
flow, runtime = package.flow, package.runtime


class Question(inputs.RunInput):
    number: int


class Answer(inputs.RunInput):
    number: int
    of: list[int]


class Point(BaseModel):
    x: int


WAIT = {"timeout": 400, "poll_interval": 1}


@flow
def asks():
    print(runtime.flow_run.id, flush=True)
    found = []
    for question in Question.receive(**WAIT):
        if question.number == 0:
            break
        question.respond(Answer(number=question.number**2, of=[question.number]))
        found.append(question.number)
    found.append(inputs.receive_input(int, **WAIT).next())
    found.append(inputs.receive_input(list[str], **WAIT).next())
    return found


@flow
def answers(to):
    found = []
    for number in (2, 3):
        Question(number=number).send_to(UUID(to))
        answer = Answer.receive(exclude_keys=set(found), **WAIT).next()
        assert (answer.number, answer.of) == (number**2, [number])
        assert answer.metadata.sender == f"prefect.flow-run.{to}"
        found.append(answer.metadata.key)
    Question(number=0).send_to(UUID(to))
    inputs.send_input(7, UUID(to))
    inputs.send_input(["a", "b"], UUID(to))
    return len(found)


print(json.dumps(asks() if sys.argv[2] == "asks" else answers(sys.argv[3])))
