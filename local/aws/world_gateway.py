"""Makes ministack's HTTP APIs call functions as API Gateway does.

The function's resource policy must let apigateway.amazonaws.com in for this API, stage and route.
Without it, and when the function fails, the answer is 500 "Internal Server Error" and no more (API
Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs"). In payload format 2.0 cookies come in `cookies`, not in `headers`.
"""

import functools
import json

import world_lambda_sleep

INTERNAL_ERROR = {"body": {
    "statusCode": 500,
    "headers": {"content-type": "application/json"},
    "body": json.dumps({"message": "Internal Server Error"}),
}}


def is_proxy_event(event):
    """An event for an integration; an authorizer's carries a type."""
    return isinstance(event, dict) and event.get("version") == "2.0" and "routeKey" in event and "type" not in event


def source_arn_of(account, region, event):
    """arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<route's path>, or .../$default."""
    about = event["requestContext"]
    method, _, route_path = event["routeKey"].partition(" ")
    route = f"{method}{route_path}" if route_path else event["routeKey"]
    return f"arn:aws:execute-api:{region}:{account}:{about['apiId']}/{about['stage']}/{route}"


def move_cookies(event):
    cookies = event["headers"].pop("cookie", None)
    if cookies:
        event["cookies"] = [cookie.strip() for cookie in cookies.split(";")]


def install(may_call):
    from ministack.services import apigateway

    assert callable(apigateway._invoke_lambda_proxy), "apigateway._invoke_lambda_proxy"
    run = apigateway.run_reentrant

    @functools.wraps(run)
    async def run_as_gateway(function, record, event=None, *args, **kwargs):
        if not is_proxy_event(event):
            return await run(function, record, event, *args, **kwargs)
        move_cookies(event)
        arn = record["config"]["FunctionArn"]
        account, region = arn.split(":")[4], arn.split(":")[3]
        name = record["config"]["FunctionName"]
        permitted = may_call("apigateway.amazonaws.com", arn, source_arn_of(account, region, event))
        if permitted and world_lambda_sleep.call(name):
            result = await run(function, record, event, *args, **kwargs)
            return INTERNAL_ERROR if result.get("error") else result
        return INTERNAL_ERROR

    apigateway.run_reentrant = run_as_gateway
