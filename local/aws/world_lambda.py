"""Makes ministack's Node functions fail, log and live on as AWS's do.

A handler's error carries its own errorType and trace (the runtime interface client's
`toRapidResponse`), is logged as `Invoke Error` with the error's enumerable properties (its
`toFormatted`), and leaves the execution environment alive. Output reaches the log group only when
the function's role may write there.
"""

import threading

_SETTLE_ERROR = """          _realStdoutWrite(JSON.stringify({
            status: "error", error: String(err.message || err), trace: err.stack || ""
          }) + "\\n");"""
_THROWN_ERROR = """      _realStdoutWrite(JSON.stringify({
        status: "error", error: e.message, trace: e.stack
      }) + "\\n");"""
_ANSWER = """_realStdoutWrite(JSON.stringify({ status: "ok", handlerError: _handlerError(%s) }) + "\\n");"""

_HANDLER_ERROR = r"""
function _rapidResponse(error) {
  try {
    if (!require("util").types.isNativeError(error) && !(error && error.name && error.message && error.stack)) {
      return { errorType: typeof error, errorMessage: String(error), trace: [] };
    }
    return { errorType: error.name, errorMessage: error.message, trace: error.stack.split("\n") };
  } catch (_) {
    return {
      errorType: "handled",
      errorMessage: "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack",
      trace: [],
    };
  }
}
function _logged(_key, value) {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, ...rest } = value;
  return Object.assign(
    { errorType: value.name, errorMessage: value.message, code: value.code }, rest,
    { stack: typeof value.stack === "string" ? value.stack.split("\n") : value.stack });
}
function _handlerError(error) {
  let line;
  try { line = JSON.stringify(error, _logged); } catch (_) { line = JSON.stringify(_rapidResponse(error)); }
  process.stderr.write(new Date().toISOString() + "\tERROR\tInvoke Error \t" + line + "\n");
  return _rapidResponse(error);
}
"""

_last_error = threading.local()


def _replace_once(script, old, new):
    assert script.count(old) == 1, "the Node worker script has changed"
    return script.replace(old, new)


def _patch_script(runtime):
    script = runtime._NODEJS_WORKER_SCRIPT
    script = _replace_once(script, _SETTLE_ERROR, "          " + _ANSWER % "err")
    script = _replace_once(script, _THROWN_ERROR, "      " + _ANSWER % "e")
    script = _replace_once(script, "        if (err) {\n", "        if (err !== null && err !== undefined) {\n")
    runtime._NODEJS_WORKER_SCRIPT = script + _HANDLER_ERROR


def _patch_invocation(runtime, lambda_svc):
    invoke = runtime.Worker.invoke
    execute = lambda_svc._execute_function_warm

    def invoke_and_keep(self, *args, **kwargs):
        result = invoke(self, *args, **kwargs)
        _last_error.value = result.pop("handlerError", None)
        if _last_error.value is not None:
            result.update(status="error", error=_last_error.value["errorMessage"] or "", trace="")
        return result

    def execute_and_tell(*args, **kwargs):
        _last_error.value = None
        result = execute(*args, **kwargs)
        if _last_error.value is not None and result.get("error"):
            result["body"] = _last_error.value
        return result

    runtime.Worker.invoke = invoke_and_keep
    lambda_svc._execute_function_warm = execute_and_tell


def _patch_logs(lambda_svc):
    from ministack.core import iam_evaluator
    from ministack.services import cloudwatch_logs

    emit = lambda_svc._emit_lambda_logs

    def emit_if_allowed(func, *args, **kwargs):
        config = func.get("config") or func
        role = config.get("Role", "")
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}"
        account = role.split(":")[4] if role.count(":") >= 5 else ""
        policies = iam_evaluator._gather_role_policies(role.rsplit("/", 1)[-1], account)
        group_arn = cloudwatch_logs._make_group_arn(group).removesuffix(":*")
        needed = [("logs:CreateLogStream", f"{group_arn}:log-stream:stream"), ("logs:PutLogEvents", f"{group_arn}:log-stream:stream")]
        if group not in cloudwatch_logs._log_groups:
            needed.append(("logs:CreateLogGroup", f"{group_arn}:log-stream:"))
        if all(_allows(iam_evaluator, policies, account, *pair) for pair in needed):
            emit(func, *args, **kwargs)

    lambda_svc._emit_lambda_logs = emit_if_allowed


def _allows(iam_evaluator, policies, account, action, resource):
    context = iam_evaluator.EvalContext(
        principal_arn="", principal_type="AssumedRole", principal_account=account,
        action=action, resource_arn=resource, region="us-east-1")
    return iam_evaluator.evaluate(context, policies).decision == "Allow"


def install():
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    assert callable(lambda_svc._execute_function_warm) and callable(lambda_svc._emit_lambda_logs)
    _patch_script(lambda_runtime)
    _patch_invocation(lambda_runtime, lambda_svc)
    _patch_logs(lambda_svc)
