"""Teaches ministack's policy evaluator what it lacks, and answers policy questions on loopback.

Added to the evaluator: `aws:PrincipalArn` of a role session is the role's ARN (IAM User Guide,
"AWS global condition context keys"); direct KMS calls carry `kms:EncryptionContext:*`,
`kms:EncryptionContextKeys`, `kms:EncryptionAlgorithm`, `kms:RequestAlias` and `kms:CallerAccount`;
a refusal names the resource. Any other key comes with the question's own context.

POST /_world/policy takes a list of {who, action, resource, shownAs, context, resourcePolicy, request}
and answers a list of {allowed, code, status, message, principal, resource, keyState, missing}. `who` is one of
{accessKeyId}, {service} or {roleArn, assumedBy, assumeContext}. POST /_world/role asks whether
{roleArn} may be assumed by {service}; POST /_world/settings takes {newRoleDelayMs}.
"""

import base64
import contextvars
import json
from urllib.parse import parse_qs

import world_iam_delay

NO_POLICY = object()
_resource_policy_asked = contextvars.ContextVar("world_resource_policy", default=NO_POLICY)


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
        asked = _resource_policy_asked.get()
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
    """AWS's sentence (IAM User Guide, "Troubleshoot access denied error messages")."""
    kind = "resource-based policy" if by_resource_policy else "identity-based policy"
    reason = (f"with an explicit deny in {'a' if by_resource_policy else 'an'} {kind}" if explicit
              else f"because no {kind} allows the {action} action")
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource} {reason}"


class Judge:
    """Answers questions with ministack's own evaluator."""

    def __init__(self, iam_evaluator, iam_actions, region):
        self.evaluator = iam_evaluator
        self.actions = iam_actions
        self.region = region

    def answer_all(self, questions):
        return [self.answer(question) for question in questions]

    def answer(self, question):
        from ministack.core.responses import set_request_account_id, set_request_region

        who = question["who"]
        set_request_region(self.region)
        set_request_account_id(who.get("accessKeyId", ""))
        question = {**question, **self.resource_of(question)}
        if question.get("missing"):
            return {"allowed": False, "missing": True, "resource": question["resource"]}
        _resource_policy_asked.set(question.get("resourcePolicy", NO_POLICY))
        if "accessKeyId" in who:
            answer = self.of_key(question)
        elif "service" in who:
            answer = self.of_service(question)
        else:
            answer = self.of_role(question)
        return {**answer, "resource": question["resource"], "keyState": question.get("keyState")}

    def resource_of(self, question):
        """A KMS key may be named by ID, alias or ARN; policies are about its ARN."""
        if not question["action"].startswith("kms:"):
            return {}
        from ministack.services import kms

        key = kms._resolve_key(question["resource"])
        if key is None:
            return {"missing": True}
        return {"resource": key["Arn"], "keyState": key["KeyState"]}

    def of_key(self, question):
        access_key = question["who"]["accessKeyId"]
        if question.get("request"):
            self.pin(question["request"])
        service = question["action"].partition(":")[0]
        denied = self.evaluator.enforce(
            access_key, question["action"], service, self.region,
            resource_arn=question["resource"], service_context=question.get("context") or {})
        principal = self.principal(access_key)
        if denied is None:
            return {"allowed": True, "principal": principal}
        if isinstance(denied, self.evaluator.AuthError):
            code, status, message = self.actions._auth_failure(service, denied.code, denied.message, {})
            return {"allowed": False, "code": code, "status": status, "message": message, "principal": principal}
        return self.refusal(question, denied)

    def pin(self, request):
        """Gives the evaluator the request as it was signed: signature, token and time are checked too."""
        body = base64.b64decode(request.get("bodyBase64", ""))
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request["headers"]]
        path, _, query = request["target"].partition("?")
        self.evaluator.pin_signed_request(
            request["method"], path, parse_qs(query, keep_blank_values=True), headers)
        self.evaluator.pin_signed_body(body)

    def principal(self, access_key):
        from ministack.core.responses import get_account_id

        found = self.evaluator.resolve_principal(access_key, get_account_id())
        return getattr(found, "arn", "") or ""

    def refusal(self, question, denied, by_resource_policy=False):
        explicit = denied.decision == "Deny"
        message = denial_text(question["action"], denied.principal_arn, question.get("shownAs") or question["resource"],
                              explicit, by_resource_policy or bool(denied.resource_policy_arn))
        return {"allowed": False, "code": "AccessDeniedException", "status": 400,
                "message": message, "principal": denied.principal_arn}

    def context(self, question, **about):
        keys = {name.lower(): value for name, value in (question.get("context") or {}).items()}
        keys.setdefault("aws:tagkeys", None)
        return self.evaluator.EvalContext(
            action=question["action"], resource_arn=question["resource"], region=self.region,
            service_context=keys, **about)

    def of_service(self, question):
        """A service principal is allowed by nothing but the resource's own policy."""
        service = question["who"]["service"]
        found = self.evaluator._resource_policy(question["action"].partition(":")[0], question["resource"])
        ctx = self.context(question, principal_arn=service, principal_type="Service", principal_account="")
        ctx.principal_keys.update({"aws:principalservicename": service, "aws:principalisawsservice": "true"})
        result = self.evaluator.evaluate_resource_policy(found[0] if found else None, ctx, service=service)
        if result.decision == "Allow":
            return {"allowed": True, "principal": service}
        return self.refusal(question, result, by_resource_policy=True)

    def of_role(self, question):
        """A service that has assumed a role: its trust policy first, then the role's policies."""
        from ministack.services import iam

        role_arn = question["who"]["roleArn"]
        account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        if not self.assumable(question["who"]):
            return {"allowed": False, "code": "AccessDeniedException", "status": 400, "principal": role_arn,
                    "message": f"{question['who']['assumedBy']} may not assume {role_arn}"}
        limits = self.evaluator._permissions_boundary(iam._roles, name, account)
        session = f"arn:aws:sts::{account}:assumed-role/{name}/{question['who']['assumedBy'].partition('.')[0]}"
        ctx = self.context(question, principal_arn=session, principal_type="AssumedRole", principal_account=account)
        result = self.evaluator.evaluate(ctx, self.evaluator._gather_role_policies(name, account), *limits)
        service = question["action"].partition(":")[0]
        found = self.evaluator._resource_policy(service, question["resource"])
        if found is not None:
            result = self.evaluator.combine_resource_policy(
                result, ctx, *found, required=service in self.evaluator._POLICY_REQUIRED, limits=limits)
        if result.decision == "Allow":
            return {"allowed": True, "principal": session}
        result.principal_arn = session
        return self.refusal(question, result)

    def assumable(self, who):
        from ministack.services import iam

        account, name = who["roleArn"].split(":")[4], who["roleArn"].rsplit("/", 1)[-1]
        role = iam._roles.get_scoped(account, None, name)
        if role is None or not world_iam_delay.role_is_believed(account, name):
            return False
        question = {"action": "sts:AssumeRole", "resource": who["roleArn"], "context": who.get("assumeContext")}
        ctx = self.context(question, principal_arn=who["assumedBy"], principal_type="Service", principal_account="")
        trust = role["AssumeRolePolicyDocument"]
        return self.evaluator.evaluate_resource_policy(trust, ctx, service=who["assumedBy"]).decision == "Allow"

    def may_invoke(self, service, function_arn, source_arn):
        """Whether the function's resource policy lets the service run it on behalf of the source."""
        context = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_arn.split(":")[4]}
        return self.answer({"who": {"service": service}, "action": "lambda:InvokeFunction",
                            "resource": function_arn, "context": context})["allowed"]


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
    world_iam_delay.set_delay_seconds(settings["newRoleDelayMs"] / 1000)
    return {}


def install(app):
    from ministack.core import iam_actions, iam_evaluator
    from ministack.services import eventbridge, kms

    assert callable(kms._resolve_key) and callable(eventbridge._dispatch_event)
    patch_evaluator(iam_evaluator, iam_actions)
    judge = Judge(iam_evaluator, iam_actions, app.os.environ.get("MINISTACK_REGION", "us-east-1"))
    served = app.app
    routes = {
        "/_world/policy": judge.answer_all,
        "/_world/role": lambda who: {"assumable": judge.assumable(who)},
        "/_world/settings": change_settings,
        "/_world/event": dispatch_event,
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
