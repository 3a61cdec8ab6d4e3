"""Makes ministack's functions show their states as AWS's do (Lambda Developer Guide, "Lambda function states").

A reason without a value is not shown at all. A function that is being updated stays Active:
only `LastUpdateStatus` is `InProgress`.
"""

import json

import world_lambda_sleep

_REASONS = ("StateReason", "StateReasonCode", "LastUpdateStatusReason", "LastUpdateStatusReasonCode")


def correct(configuration):
    if configuration.get("StateReasonCode") == "Updating":
        configuration.update(State="Active", StateReason="", StateReasonCode="")
    for reason in _REASONS:
        if configuration.get(reason) == "":
            del configuration[reason]
    if (configuration.get("RuntimeVersionConfig") or {}).get("RuntimeVersionArn") == "":
        del configuration["RuntimeVersionConfig"]
    world_lambda_sleep.show(configuration)


def configurations_in(answer):
    if not isinstance(answer, dict):
        return []
    nested = [answer.get("Configuration"), *(answer.get("Functions") or []), *(answer.get("Versions") or [])]
    return [one for one in [answer, *nested] if isinstance(one, dict) and "FunctionArn" in one]


def install(app):
    from ministack.services import lambda_svc

    source = open(lambda_svc.__file__, encoding="utf-8").read()
    assert '"StateReasonCode"] = "Updating"' in source, "the states of functions"
    handle = app.SERVICE_HANDLERS["lambda"]

    async def handle_and_correct(method, path, headers, body, query_params):
        status, sent, answer = await handle(method, path, headers, body, query_params)
        if status >= 300 or "/functions" not in path or path.endswith("/invocations"):
            return status, sent, answer
        try:
            said = json.loads(answer)
        except ValueError:
            return status, sent, answer
        found = configurations_in(said)
        for configuration in found:
            correct(configuration)
        return status, sent, json.dumps(said).encode() if found else answer

    app.SERVICE_HANDLERS["lambda"] = handle_and_correct
