"""Gives ministack's policy evaluator the condition keys of a bounded deployer that it lacks.

`iam:PermissionsBoundary` is the boundary that a request sets, or that the role has (Service Authorization
Reference, "AWS Identity and Access Management"); a key has `kms:ResourceAliases` (AWS KMS Developer Guide,
"AWS KMS condition keys"); an HTTP API has its tags and `apigateway:Resource/ApiName`, and what is in it
inherits the tags (API Gateway Developer Guide, "Using tags to control access"); a request that makes or tags
an API has `aws:RequestTag`; one about an event source mapping has `lambda:FunctionArn`, of the function that it
names or that the mapping has (Service Authorization Reference, "AWS Lambda"). The ARN under /tags has none of them (Service Authorization Reference: no keys).
"""

import json

_OF_THE_REQUEST = ("CreateRole", "PutRolePermissionsBoundary")


def of_request(service, action, body, params):
    """What a request says of itself."""
    if service == "iam" and action.partition(":")[2] in _OF_THE_REQUEST:
        boundary = params.get("PermissionsBoundary")
        boundary = boundary[0] if isinstance(boundary, list) else boundary
        return {"iam:PermissionsBoundary": boundary} if boundary else {}
    if action in ("lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping"):
        return _function_named(_member(body, "FunctionName"))
    if service != "apigateway":
        return {}
    tags = _member(body, "tags") or {}
    return {f"aws:RequestTag/{name}": value for name, value in tags.items()}


def _member(body, name):
    try:
        return json.loads(body or b"{}").get(name)
    except (ValueError, AttributeError):
        return None


def _function_named(name):
    from ministack.services import lambda_svc

    if not name:
        return {}
    plain = lambda_svc._resolve_name_and_qualifier(name.rsplit(":function:", 1)[-1])[0]
    return {"lambda:FunctionArn": lambda_svc._func_arn(plain)}


def of_resource(action, resource_arn):
    """What AWS knows of the resource."""
    service = action.partition(":")[0]
    if service == "iam" and ":role/" in resource_arn and action.partition(":")[2] not in _OF_THE_REQUEST:
        return _boundary_of_role(resource_arn)
    if service == "kms" and ":key/" in resource_arn:
        return _aliases_of_key(resource_arn)
    if service == "apigateway":
        return _facts_of_api(resource_arn)
    if service == "lambda" and ":event-source-mapping:" in resource_arn:
        return _function_of_mapping(resource_arn)
    return {}


def _function_of_mapping(arn):
    from ministack.services import lambda_svc

    mapping = lambda_svc._esms.get(arn.rsplit(":", 1)[-1])
    return {"lambda:FunctionArn": mapping["FunctionArn"]} if mapping else {}


def _boundary_of_role(role_arn):
    from ministack.services import iam

    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    boundary = (iam._roles.get_scoped(account, None, name) or {}).get("PermissionsBoundary")
    return {"iam:PermissionsBoundary": boundary} if boundary else {}


def _aliases_of_key(key_arn):
    from ministack.services import kms

    key_id = key_arn.rsplit("/", 1)[-1]
    names = [arn.split(":", 5)[5] for arn, found in kms._aliases.items() if found in (key_id, key_arn)]
    return {"kms:ResourceAliases": names} if names else {}


def _facts_of_api(arn):
    from ministack.services import apigateway

    kind, _, rest = arn.split(":", 5)[5].lstrip("/").partition("/")
    api_id, _, inside = rest.partition("/")
    api = apigateway._apis.get(api_id) if kind == "apis" else None
    if not api:
        return {}
    tags = apigateway._api_tags.get(apigateway._api_arn(api_id)) or {}
    name = {} if inside else {"apigateway:Resource/ApiName": api["name"]}
    return {**{f"aws:ResourceTag/{key}": value for key, value in tags.items()}, **name}


def install():
    from ministack.core import iam_actions, iam_evaluator
    from ministack.services import apigateway, iam, kms

    for module, names in ((apigateway, ("_apis", "_api_tags", "_api_arn")), (iam, ("_roles",)), (kms, ("_aliases",))):
        for name in names:
            assert hasattr(module, name), f"{module.__name__}.{name}"
    request_context = iam_actions.request_tag_context
    enforce = iam_evaluator.enforce

    def request_tag_context(service, iam_action, body, params):
        found = request_context(service, iam_action, body, params)
        return {**found, **of_request(service, iam_action, body, params)}

    def enforce_with_facts(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        facts = of_resource(iam_action, resource_arn)
        return enforce(access_key_id, iam_action, service, region, resource_arn=resource_arn,
                       service_context={**facts, **(service_context or {})})

    iam_actions.request_tag_context = request_tag_context
    iam_evaluator.enforce = enforce_with_facts
