"""The world's own questions, over loopback HTTP.

POST /_world/policy takes a list of questions and answers a list (world_judge.py). /_world/role asks
whether {roleArn} may be assumed by {assumedBy} under {assumeContext}; /_world/settings takes {newRoleDelayMs}
and {twiceEvery}, after how many messages of queues one is delivered twice;
/_world/event puts a service's event on the default bus; /_world/queues tells when a function is next to get messages.
"""

import json

import world_iam_delay
import world_mapping
from world_judge import Judge


def dispatch_event(event):
    """Puts an event of an AWS service on the default bus, which PutEvents refuses to do."""
    from ministack.core.responses import get_account_id, new_uuid
    from ministack.services import eventbridge

    eventbridge._dispatch_event({
        "EventId": new_uuid(), "EventBusName": "default", "Account": get_account_id(),
        "Source": event["source"], "DetailType": event["detailType"], "Detail": json.dumps(event["detail"]),
        "Time": event["time"], "Resources": event["resources"], "Region": event["region"]})
    return {"sent": True}


async def read_body(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def send_json(send, status, answer):
    body = json.dumps(answer).encode()
    await send({"type": "http.response.start", "status": status, "headers": [
        (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


def change_settings(settings):
    if "newRoleDelayMs" in settings:
        world_iam_delay.set_delay_seconds(settings["newRoleDelayMs"] / 1000)
    if "twiceEvery" in settings:
        world_mapping.set_twice_every(settings["twiceEvery"])
    return {}


def install(app):
    """Serves the questions in front of ministack; gives the judge."""
    from ministack.core import iam_actions, iam_evaluator
    from ministack.services import eventbridge, kms

    assert callable(kms._resolve_key) and callable(eventbridge._dispatch_event)
    judge = Judge(iam_evaluator, iam_actions, app.os.environ.get("MINISTACK_REGION", "us-east-1"))
    due = world_mapping.install(judge)
    served = app.app
    routes = {
        "/_world/policy": judge.answer_all,
        "/_world/role": lambda who: {"assumable": judge.assumable(who)},
        "/_world/settings": change_settings,
        "/_world/event": dispatch_event,
        "/_world/queues": lambda _: due(),
    }

    async def serve(scope, receive, send):
        route = routes.get(scope.get("path", "")) if scope["type"] == "http" else None
        if route is None:
            await served(scope, receive, send)
            return
        try:
            await send_json(send, 200, route(json.loads(await read_body(receive))))
        except Exception as problem:
            await send_json(send, 500, {"error": f"{type(problem).__name__}: {problem}"})

    app.app = serve
    return judge
