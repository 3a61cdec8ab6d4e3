"""Refuses what AWS refuses for what is, or is not, there already, and ministack takes.

Two routes of one key, two stages of one name (`ConflictException`) and a route to no integration (`NotFoundException`):
API Gateway v2 API reference, errors of CreateRoute and CreateStage. A key policy that names a principal which does not
exist (`MalformedPolicyDocumentException`): KMS API reference, PutKeyPolicy, "Each statement in the key policy must
contain one or more principals. The principals in the key policy must exist and be visible to KMS".
"""

import json
import re

_OWN = re.compile(r"^arn:aws:iam::(\d{12}):(role|user)/(?:.+/)?([^/]+)$")


def _principals(policy):
    statements = policy.get("Statement") or []
    for statement in statements if isinstance(statements, list) else [statements]:
        named = (statement.get("Principal") or {}) if isinstance(statement, dict) else {}
        found = named.get("AWS", []) if isinstance(named, dict) else []
        yield from (found if isinstance(found, list) else [found])


def _is_missing(principal, account, iam):
    """Of another account nothing is known here."""
    match = _OWN.match(principal) if isinstance(principal, str) else None
    if not match or match[1] != account:
        return False
    return match[3] not in (iam._roles if match[2] == "role" else iam._users)


def _names_nobody(text):
    from ministack.core.responses import get_account_id
    from ministack.services import iam

    try:
        policy = json.loads(text or "{}")
    except ValueError:
        return False
    account = get_account_id()
    return any(_is_missing(principal, account, iam) for principal in _principals(policy))


def _guard_key_policies(kms):
    from ministack.core.responses import error_response_json

    def guarded(make):
        def make_unless_nobody(data):
            if _names_nobody(data.get("Policy")):
                message = "Policy contains a statement with one or more invalid principals."
                return error_response_json("MalformedPolicyDocumentException", message, 400)
            return make(data)

        return make_unless_nobody

    for name in ("_create_key", "_put_key_policy"):
        setattr(kms, name, guarded(getattr(kms, name)))


def _guard_apis(apigateway):
    create_route, create_stage = apigateway._create_route, apigateway._create_stage
    refuse = apigateway._apigw_error

    def route(api_id, data):
        key, target = data.get("routeKey"), data.get("target") or ""
        if any(one.get("routeKey") == key for one in apigateway._routes.get(api_id, {}).values()):
            return refuse("ConflictException", f"Route with key {key} already exists for this API", 409)
        integration = target.removeprefix("integrations/")
        if target and integration not in apigateway._integrations.get(api_id, {}):
            return refuse("NotFoundException", f"Unable to find Integration by key {integration}", 404)
        return create_route(api_id, data)

    def stage(api_id, data):
        name = data.get("stageName", "$default")
        if name in apigateway._stages.get(api_id, {}):
            return refuse("ConflictException", f"Stage already exists: {name}", 409)
        return create_stage(api_id, data)

    apigateway._create_route, apigateway._create_stage = route, stage


def install():
    from ministack.services import apigateway, iam, kms

    assert callable(apigateway._apigw_error) and iam._roles is not None, "what is there"
    _guard_apis(apigateway)
    _guard_key_policies(kms)
