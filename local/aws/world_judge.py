"""Answers policy questions with ministack's own evaluator.

A question is {who, action, resource, shownAs, context, resourcePolicy, request}; `who` is one of
{accessKeyId}, {service} or {roleArn, assumedBy, assumeContext}. An answer is {allowed, code, status,
message, principal, resource, keyState, missing}.
"""

import base64
from urllib.parse import parse_qs

import world_iam_delay
from world_policy import NO_POLICY, denial_text, resource_policy_asked


class Judge:
    """Asks the evaluator on behalf of keys, services and roles."""

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
        resource_policy_asked.set(question.get("resourcePolicy", NO_POLICY))
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
