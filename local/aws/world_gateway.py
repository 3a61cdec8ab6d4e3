"""Makes ministack's HTTP APIs call functions as API Gateway does.

The function's resource policy must let apigateway.amazonaws.com in for this API, stage and route.
Without it, and when the function fails, the answer is 500 "Internal Server Error" and no more (API
Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs"). In payload format 2.0 cookies come in `cookies`, not in `headers`.

An API has one address, the one that it has at AWS: `https://<api>.execute-api.<region>.amazonaws.com`, over TLS and without a port
(API Gateway Developer Guide, "Invoke your HTTP API"). The API's `apiEndpoint` says it, and so does what a function sees as its host.
The world's road (local/world/road.ts) leads it here.
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


def host_of(api_id, region):
    return f"{api_id}.execute-api.{region}.amazonaws.com"


def give_host(event, region):
    """The API's own host, whatever name the request took inside the emulator."""
    host = host_of(event["requestContext"]["apiId"], region)
    event["headers"]["host"] = host
    event["requestContext"]["domainName"] = host
    event["requestContext"]["domainPrefix"] = host.partition(".")[0]


def name_endpoints(apigateway, region_now):
    """Lets every new API say the address that it has at AWS."""
    respond = apigateway._apigw_response

    @functools.wraps(respond)
    def respond_with_address(data, *args, **kwargs):
        if isinstance(data, dict) and "apiEndpoint" in data:
            scheme = "wss" if data.get("protocolType") == "WEBSOCKET" else "https"
            data["apiEndpoint"] = f"{scheme}://{host_of(data['apiId'], region_now())}"
        return respond(data, *args, **kwargs)

    apigateway._apigw_response = respond_with_address


def move_cookies(event):
    cookies = event["headers"].pop("cookie", None)
    if cookies:
        event["cookies"] = [cookie.strip() for cookie in cookies.split(";")]


def install(may_call):
    from ministack.core.responses import get_region
    from ministack.services import apigateway

    assert callable(apigateway._apigw_response), "apigateway._apigw_response"
    name_endpoints(apigateway, get_region)

    assert callable(apigateway._invoke_lambda_proxy), "apigateway._invoke_lambda_proxy"
    run = apigateway.run_reentrant

    @functools.wraps(run)
    async def run_as_gateway(function, record, event=None, *args, **kwargs):
        if not is_proxy_event(event):
            return await run(function, record, event, *args, **kwargs)
        move_cookies(event)
        arn = record["config"]["FunctionArn"]
        account, region = arn.split(":")[4], arn.split(":")[3]
        give_host(event, region)
        name = record["config"]["FunctionName"]
        permitted = may_call("apigateway.amazonaws.com", arn, source_arn_of(account, region, event))
        if permitted and world_lambda_sleep.call(name):
            result = await run(function, record, event, *args, **kwargs)
            return INTERNAL_ERROR if result.get("error") else result
        return INTERNAL_ERROR

    apigateway.run_reentrant = run_as_gateway
