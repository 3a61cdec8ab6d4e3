"""Names the permission that a request needs where ministack's policy check knows another one, or none.

The batches of SQS need the permission of the single operation (SQS Developer Guide, "Amazon SQS API permissions":
"SendMessage … SendMessageBatch" of one row). Event source mappings: Service Authorization Reference, "AWS Lambda".
"""

import re

_BATCH = re.compile(r"^sqs:(SendMessage|DeleteMessage|ChangeMessageVisibility)Batch$")
_MAPPINGS = re.compile(r"/event-source-mappings(/[^/]+)?/?$")
_OF_ALL = {"GET": "ListEventSourceMappings", "POST": "CreateEventSourceMapping"}
_OF_ONE = {"GET": "GetEventSourceMapping", "PUT": "UpdateEventSourceMapping", "DELETE": "DeleteEventSourceMapping"}


def named_elsewhere(service, method, path):
    mapping = _MAPPINGS.search(path) if service == "lambda" else None
    if not mapping:
        return None
    operation = (_OF_ONE if mapping[1] else _OF_ALL).get(method)
    return operation and f"lambda:{operation}"


def install():
    from ministack.core import iam_actions

    extract = iam_actions.extract_iam_action

    def iam_action(service, method, path, headers, body, query_params):
        found = named_elsewhere(service, method, path) or extract(service, method, path, headers, body, query_params)
        batch = _BATCH.match(found or "")
        return f"sqs:{batch[1]}" if batch else found

    iam_actions.extract_iam_action = iam_action
