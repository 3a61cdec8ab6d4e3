"""Teaches ministack's policy evaluator what it lacks.

Added to the evaluator: `aws:PrincipalArn` of a role session is the role's ARN (IAM User Guide,
"AWS global condition context keys"); direct KMS calls carry `kms:EncryptionContext:*`,
`kms:EncryptionContextKeys`, `kms:EncryptionAlgorithm`, `kms:RequestAlias` and `kms:CallerAccount`;
a refusal names the resource. Any other key comes with the context of a question (world_judge.py).
"""

import contextvars
import json

NO_POLICY = object()
resource_policy_asked = contextvars.ContextVar("world_resource_policy", default=NO_POLICY)


def kms_request_context(body):
    """Condition keys of a direct KMS request (AWS KMS Developer Guide, "AWS KMS condition keys")."""
    from ministack.core.responses import get_account_id

    try:
        request = json.loads(body or b"{}")
    except ValueError:
        request = {}
    pairs = request.get("EncryptionContext") or {}
    context = {f"kms:EncryptionContext:{name}": value for name, value in pairs.items()}
    if pairs:
        context["kms:EncryptionContextKeys"] = list(pairs)
    if str(request.get("KeyId", "")).startswith("alias/"):
        context["kms:RequestAlias"] = request["KeyId"]
    context["kms:EncryptionAlgorithm"] = request.get("EncryptionAlgorithm", "SYMMETRIC_DEFAULT")
    context["kms:CallerAccount"] = get_account_id()
    return context


def role_arn_of_session(session_arn, iam_evaluator):
    """The ARN, path included, of the role behind arn:aws:sts::<account>:assumed-role/<role>/<session>."""
    from ministack.services import iam

    account = session_arn.split(":")[4]
    name = iam_evaluator._role_name_from_assumed_arn(session_arn)
    role = iam._roles.get_scoped(account, None, name) or {}
    return role.get("Arn") or f"arn:aws:iam::{account}:role/{name}"


def patch_evaluator(iam_evaluator, iam_actions):
    resolve = iam_evaluator._resolve_condition_key
    look_up = iam_evaluator._resource_policy
    request_context = iam_actions.request_tag_context
    respond = iam_actions.access_denied_response
    assert {"kms", "lambda"} <= set(iam_evaluator._RESOURCE_POLICY_LOOKUPS), "resource policies"

    def resolve_condition_key(key, ctx):
        if key.lower() == "aws:principalarn" and ctx.principal_type == "AssumedRole":
            return role_arn_of_session(ctx.principal_arn, iam_evaluator)
        return resolve(key, ctx)

    def resource_policy(service, resource_arn):
        asked = resource_policy_asked.get()
        if asked is NO_POLICY:
            return look_up(service, resource_arn)
        return None if asked is None else (asked, resource_arn.split(":")[4] or None)

    def context_of_request(service, iam_action, body, params):
        context = request_context(service, iam_action, body, params)
        return {**kms_request_context(body), **context} if service == "kms" else context

    def denied_response(service, action, principal_arn, request_id, **named):
        if not named.get("message") and not named.get("error_code"):
            named["message"] = denial_text(
                action, principal_arn, named.get("resource_arn", "*"),
                named.get("explicit_deny", False), bool(named.get("resource_policy_arn")))
        return respond(service, action, principal_arn, request_id, **named)

    iam_evaluator._resolve_condition_key = resolve_condition_key
    iam_evaluator._resource_policy = resource_policy
    iam_actions.request_tag_context = context_of_request
    iam_actions.access_denied_response = denied_response


def denial_text(action, principal, resource, explicit, by_resource_policy=False):
    """AWS's sentence (IAM User Guide, "Troubleshoot access denied error messages"); SQS writes its actions small."""
    action = action.lower() if action.startswith("sqs:") else action
    kind = "resource-based policy" if by_resource_policy else "identity-based policy"
    reason = (f"with an explicit deny in {'a' if by_resource_policy else 'an'} {kind}" if explicit
              else f"because no {kind} allows the {action} action")
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource} {reason}"


def install():
    from ministack.core import iam_actions, iam_evaluator

    patch_evaluator(iam_evaluator, iam_actions)
