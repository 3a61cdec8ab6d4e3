"""Puts ministack's idle functions to sleep, as Lambda does.

"If a Lambda function remains idle for 14 days", it becomes inactive (Lambda Developer Guide, "Giving Lambda
functions access to resources in an Amazon VPC"). "When you try to invoke a function that is inactive, the
invocation fails and Lambda sets the function to pending state until the function resources are recreated"
(the same, "Lambda function states"); others than those of a VPC were seen to sleep too (aws-cdk PR 22612),
and to wake in 40 to 106 seconds, with the error's words below (terraform-provider-aws PR 48214).
"""

import json
import re
import time

IDLE_SECONDS = 14 * 24 * 3600
WAKING_SECONDS = 60

_used_at = {}
_awake_at = {}

_INVOCATION = re.compile(r"/functions/(?:arn:[^/]*?:function:)?([^/:]+)(?::[^/]+)?/invocations$")
_FUNCTION = re.compile(r"/functions/(?:arn:[^/]*?:function:)?([^/:]+)(?:/(?:code|configuration))?$")


def state_of(name):
    now = time.time()
    if _awake_at.get(name, 0) > now:
        return "Pending"
    if now - _used_at.setdefault(name, now) > IDLE_SECONDS:
        return "Inactive"
    return "Active"


def call(name):
    """Whether the function runs: one that sleeps begins to wake instead."""
    state = state_of(name)
    if state == "Inactive":
        _awake_at[name] = time.time() + WAKING_SECONDS
    if state == "Active":
        _used_at[name] = time.time()
    elif state == "Inactive":
        _used_at[name] = _awake_at[name]
    return state == "Active"


def show(configuration):
    name = configuration.get("FunctionName")
    state = state_of(name) if name else "Active"
    if configuration.get("State") == "Active" and state != "Active":
        reason = ("Restoring", "The function is being restored.") if state == "Pending" else ("Idle", "The function is idle.")
        configuration.update(State=state, StateReasonCode=reason[0], StateReason=reason[1])


def note(method, path):
    """A function that is changed is awake again, one that is deleted forgotten."""
    match = _FUNCTION.search(path)
    if match and method == "PUT":
        _used_at[match[1]] = time.time()
    if match and method == "DELETE":
        _used_at.pop(match[1], None)
        _awake_at.pop(match[1], None)


ASLEEP = {
    "Type": "User",
    "Message": "Lambda is initializing your function. It will be ready to invoke shortly.",
}


def install(app):
    from urllib.parse import unquote

    handle = app.SERVICE_HANDLERS["lambda"]

    async def handle_or_sleep(method, path, headers, body, query_params):
        plain = unquote(path).rstrip("/")
        called = _INVOCATION.search(plain) if method == "POST" else None
        kind = (headers.get("x-amz-invocation-type") or headers.get("X-Amz-Invocation-Type") or "").lower()
        # A dry run runs nothing, and an event waits in Lambda's queue while the function wakes.
        if called and kind != "dryrun" and not call(called[1]) and kind != "event":
            sent = {"content-type": "application/json", "x-amzn-errortype": "CodeArtifactUserPendingException"}
            return 409, sent, json.dumps(ASLEEP).encode()
        answer = await handle(method, path, headers, body, query_params)
        note(method, plain)
        return answer

    app.SERVICE_HANDLERS["lambda"] = handle_or_sleep
