"""Whatever an OpenAPI document allows, and what it does not, is sent to one of its operations."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.python._constants.orchestrator import make_constants_value_source
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.wire.sigmamind.served import KEY

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class Document:
    """The document that an app serves at a path."""

    def __init__(self, app, path):
        self._schema = schemathesis.openapi.from_asgi(path, app)
        found = (operation.ok() for operation in self._schema.get_all_operations())
        self._operations = {operation.label: operation for operation in found}

    @property
    def operations(self):
        """Their names: a method and a path."""
        return list(self._operations)

    def check(self, operation, aim, examples):
        """Each answer to an operation must be a documented one, also when `aim` has changed what is sent.

        Schemathesis itself makes what it sends while tests are collected: a quarter of a second for an operation,
        in every process that collects. Here it is made by the test of the operation.
        """

        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        def gets_a_documented_answer(case):
            case.call_and_validate(headers={"X-API-Key": KEY}, checks=CHECKS)
            aim(case)
            case.call_and_validate(headers={"X-API-Key": KEY}, checks=CHECKS)

        load_all_checks()
        build_operation_test(
            config=self._schema.config,
            operation=self._operations[operation],
            test_func=gets_a_documented_answer,
            given_kwargs={},
            feedback=FeedbackSources(constants_value_source=make_constants_value_source(self._schema)),
        )()
