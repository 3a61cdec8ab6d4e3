"""Names the resource of requests that ministack's policy check would judge on `*`.

A call of a function that names a qualifier is judged on the qualified ARN alone (Lambda Developer Guide,
"Fine-tuning the Resources and Conditions sections of policies": "if your policy references the unqualified
ARN, Lambda accepts requests that reference the unqualified ARN but denies requests that reference a qualified ARN").

Source of the others: Service Authorization Reference, the resource types of each action. `kms:CreateAlias` and
`kms:DeleteAlias` are about an alias and a key: here about the alias, which the request names.
"""

import json
from urllib.parse import unquote


def named_elsewhere(service, path, body, params):
    """The resource, without the ARN's head, or a whole ARN; None where ministack finds it itself."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        request = {}
    if service == "lambda" and unquote(path).rstrip("/").endswith("/functions"):
        return request.get("FunctionName") and f"function:{request['FunctionName']}"
    if service == "kms":
        return request.get("AliasName")
    if service == "monitoring":
        alarms = request.get("AlarmNames") or params.get("AlarmNames.member.1") or []
        dashboards = request.get("DashboardNames") or [request.get("DashboardName")]
        if len(dashboards) == 1 and dashboards[0]:
            return f"dashboard/{dashboards[0]}"
        return request.get("ResourceARN") or (f"alarm:{alarms[0]}" if len(alarms) == 1 else None)
    if service == "states":
        return request.get("mapRunArn") or request.get("resourceArn")
    if service == "sns":
        return (params.get("ResourceArn") or [None])[0]
    return None


def qualified(arn, service, path, params):
    """The ARN of the version or alias that an invocation asks for; the function's own when it names none."""
    qualifier = (params.get("Qualifier") or [None])[0]
    if service != "lambda" or not qualifier or not path.rstrip("/").endswith(_INVOCATIONS):
        return arn
    return f"{':'.join(arn.split(':')[:7])}:{qualifier}"


_INVOCATIONS = ("/invocations", "/invoke-async", "/response-streaming-invocations")
# The account has them, not a region.
_OF_THE_ACCOUNT = ("dashboard/",)
_ARN_SERVICES = {"monitoring": "cloudwatch"}


def install():
    from ministack.core import iam_actions

    extract = iam_actions.extract_resource_arn

    def resource_arn(service, method, path, headers, body, params, region, account):
        found = extract(service, method, path, headers, body, params, region, account)
        found = qualified(found, service, path, params)
        named = named_elsewhere(service, path, body, params) if found == "*" else None
        if not named or named.startswith("arn:"):
            return named or found
        place = "" if named.startswith(_OF_THE_ACCOUNT) else region
        return f"arn:aws:{_ARN_SERVICES.get(service, service)}:{place}:{account}:{named}"

    iam_actions.extract_resource_arn = resource_arn
