"""Runs Step Functions' distributed maps as AWS does, as far as ministack leaves it out.

A map run is stopped with its execution, and redriven with it (RedriveExecution, which ministack lacks): children that
succeeded are not run again. UpdateMapRun changes how many run at once while they run, and a share of failures beyond the
tolerated one ends the run early (Step Functions developer guide, "Setting failure thresholds for Distributed Map states",
"Redriving Map Runs"). And the machine's role has to be allowed what it does: ministack asks nobody ("IAM policies for using
Distributed Map states"). A function whose process was killed fails as `Runtime.ExitError`, and one that is throttled as
`Lambda.TooManyRequestsException` ("Handling error conditions in Step Functions"). Its results are written nowhere, with
ResultWriter or without.
"""

import asyncio
import contextvars
import json
import threading

_POLL_SECONDS = 0.02
_REDRIVABLE = ("FAILED", "ABORTED", "TIMED_OUT")
_NOTHING = ("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total", "resultsWritten",
            "failuresNotRedrivable", "pendingRedrive")
# The states of an execution that is running, with the role of its machine.
_role = contextvars.ContextVar("role of the state machine", default=None)


def _require(steps, action, resource, error="States.TaskFailed"):
    """Whether the role of the machine that runs may do something, by its policies."""
    from ministack.core import iam_evaluator

    role = _role.get()
    if role is None:
        return
    account, name = role.split(":")[4], role.rsplit("/", 1)[-1]
    context = iam_evaluator.EvalContext(
        principal_arn=role, principal_type="AssumedRole", principal_account=account,
        action=action, resource_arn=resource, region="us-east-1")
    policies = iam_evaluator._gather_role_policies(name, account)
    if iam_evaluator.evaluate(context, policies).decision != "Allow":
        raise steps._ExecutionError(
            error, f"User: {role} is not authorized to perform: {action} on resource: {resource}")


def _items(steps, state, effective, ctx):
    reader = state.get("ItemReader")
    if not reader:
        return steps._resolve_path_or_ctx(state.get("ItemsPath", "$"), effective, ctx)
    given = steps._resolve_params_obj(reader.get("Parameters") or {}, effective, ctx)
    _require(steps, "s3:GetObject", f"arn:aws:s3:::{given.get('Bucket')}/{given.get('Key')}")
    return steps._read_map_items(reader, effective, ctx)


def _limits(steps, state, effective, ctx):
    """What may fail, by the fields of the state or by the paths that stand in their place (Amazon States Language, "Map")."""
    limits = {}
    for name in ("ToleratedFailureCount", "ToleratedFailurePercentage"):
        if name in state:
            limits[name] = state[name]
        elif f"{name}Path" in state:
            limits[name] = steps._resolve_path_or_ctx(state[f"{name}Path"], effective, ctx)
            if isinstance(limits[name], bool) or not isinstance(limits[name], (int, float)):
                raise steps._ExecutionError("States.Runtime", f"{name}Path does not lead to a number")
    return limits


def _new_run(steps, state, items, execution, limits):
    machine, region, account = (execution["stateMachineArn"].split(":")[at] for at in (6, 3, 4))
    label = state.get("Label") or steps.new_uuid()
    counts = dict.fromkeys(_NOTHING, 0) | {"total": len(items), "pending": len(items)}
    head = f"arn:aws:states:{region}:{account}"
    return {
        "mapRunArn": f"{head}:mapRun:{machine}/{label}:{steps.new_uuid()}",
        "executionArn": execution["executionArn"], "status": "RUNNING", "startDate": steps.now_iso(),
        "maxConcurrency": int(state.get("MaxConcurrency") or 0),
        "toleratedFailurePercentage": float(limits.get("ToleratedFailurePercentage") or 0),
        "toleratedFailureCount": int(limits.get("ToleratedFailureCount") or 0),
        "_limits": limits,
        "itemCounts": counts, "executionCounts": dict(counts), "redriveCount": 0,
        "_stateMachineArn": f"{head}:stateMachine:{machine}/{label}",
        "_childHead": f"{head}:execution:{machine}/{label}",
        "_children": [{"index": index, "item": item, "status": "pending"} for index, item in enumerate(items)],
    }


def _count(run):
    for name in ("pending", "running", "succeeded", "failed", "aborted"):
        number = sum(1 for child in run["_children"] if child["status"] == name)
        run["itemCounts"][name] = run["executionCounts"][name] = number


def _failed_too_often(run):
    failed, total, limits = run["itemCounts"]["failed"], run["itemCounts"]["total"], run["_limits"]
    if not limits:
        return failed > 0
    return ("ToleratedFailureCount" in limits and failed > run["toleratedFailureCount"]) or (
        "ToleratedFailurePercentage" in limits and failed * 100 > run["toleratedFailurePercentage"] * total)


def _run_map(steps, state, raw_input, effective, iterator, execution, ctx):
    run = execution.pop("_mapRun", None)
    machine = execution["stateMachineArn"]
    _require(steps, "states:StartExecution", machine)
    if run is None:
        items = _items(steps, state, effective, ctx)
        limits = _limits(steps, state, effective, ctx)
        run = _new_run(steps, state, items if isinstance(items, list) else [items], execution, limits)
        steps._map_runs[run["mapRunArn"]] = run
    else:
        run.update(status="RUNNING", stopDate=None, redriveCount=run["redriveCount"] + 1,
                   redriveDate=steps.now_iso())
    execution["_lastMapRun"] = run
    selector = state.get("ItemSelector")
    lock, changed = threading.Lock(), threading.Event()
    waiting = [child for child in run["_children"] if child["status"] == "pending"]

    def work(child):
        outcome = "failed"
        try:
            item_ctx = json.loads(json.dumps(ctx))
            item_ctx["Map"] = {"Item": {"Index": child["index"], "Value": child["item"]}}
            given = steps._resolve_params_obj(selector, effective, item_ctx) if selector else child["item"]
            own = {
                "executionArn": f"{run['_childHead']}:{steps.new_uuid()}", "status": "RUNNING", "events": [],
                "mockAttempts": {}, "_parent": execution,
            }
            steps._run_sub_machine(iterator.get("States", {}), iterator.get("StartAt"), given, own, item_ctx)
            outcome = "succeeded"
        except Exception as error:  # noqa: BLE001 - a child's failure is a count
            child["error"] = str(getattr(error, "error", error))
        with lock:
            child["status"] = "aborted" if outcome == "failed" and execution["status"] != "RUNNING" else outcome
            _count(run)
        changed.set()

    while True:
        with lock:
            running = sum(1 for child in run["_children"] if child["status"] == "running")
            is_over = execution["status"] != "RUNNING" or _failed_too_often(run)
            most = run["maxConcurrency"] or 1000
            begun = [] if is_over else waiting[: max(0, most - running)]
            del waiting[: len(begun)]
            for child in begun:
                child["status"] = "running"
            _count(run)
        for child in begun:
            threading.Thread(target=contextvars.copy_context().run, args=(work, child), daemon=True).start()
        if running + len(begun) == 0 and (is_over or not waiting):
            break
        changed.wait(_POLL_SECONDS)
        changed.clear()

    run["stopDate"] = steps.now_iso()
    if execution["status"] != "RUNNING":
        run["status"] = "ABORTED"
        return raw_input, None
    if _failed_too_often(run):
        run["status"] = "FAILED"
        raise steps._ExecutionError(
            "States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")
    run["status"] = "SUCCEEDED"
    written = {"MapRunArn": run["mapRunArn"]}
    output = steps._apply_result_path(state, raw_input, steps._apply_result_selector(state, written))
    return steps._apply_output_path(state, output, ctx), steps._next_or_end(state)


def _resume(steps, execution):
    """Goes on with the state at which an execution ended."""
    machine = steps._state_machines[execution["stateMachineArn"]]
    definition = json.loads(machine["definition"])
    entered = [event["stateEnteredEventDetails"] for event in execution["events"] if "stateEnteredEventDetails" in event]
    last = entered[-1] if entered else {"name": definition["StartAt"], "input": execution["input"]}
    run = execution.pop("_lastMapRun", None)
    if run is not None:
        for child in run["_children"]:
            if child["status"] != "succeeded":
                child["status"] = "pending"
        _count(run)
        execution["_mapRun"] = run
    # What ministack runs begins with StartAt and the execution's input.
    begun, given = definition["StartAt"], execution["input"]
    execution["input"] = last["input"]
    definition["StartAt"] = last["name"]
    machine["definition"] = json.dumps(definition)
    try:
        started = threading.Event()
        _started.set(started)
        thread = threading.Thread(
            target=contextvars.copy_context().run, args=(steps._run_execution, execution["executionArn"]), daemon=True)
        thread.start()
        started.wait(10)
    finally:
        definition["StartAt"] = begun
        machine["definition"] = json.dumps(definition)
        execution["input"] = given


def _called_by_aws_names(steps, error):
    if "Worker process died" in error.cause or error.error in ("BrokenPipeError", "ConnectionResetError"):
        message = "RequestId: 00000000-0000-4000-8000-000000000000 Error: Runtime exited with error: signal: killed"
        cause = json.dumps({"errorType": "Runtime.ExitError", "errorMessage": message})
        return steps._ExecutionError("Runtime.ExitError", cause)
    if "TooManyRequests" in error.error or "ReservedFunctionConcurrentInvocationLimitExceeded" in error.cause:
        return steps._ExecutionError("Lambda.TooManyRequestsException", error.cause)
    return error


_started = contextvars.ContextVar("told once the definition was read", default=None)


def _redrive(steps, data):
    execution = steps._executions.get(data.get("executionArn"))
    if not execution:
        return steps.error_response_json("ExecutionDoesNotExist", f"Execution Does Not Exist: '{data.get('executionArn')}'", 400)
    if execution["status"] not in _REDRIVABLE:
        return steps.error_response_json(
            "ExecutionNotRedrivable", f"Execution is not redrivable: its status is {execution['status']}", 400)
    for gone in ("error", "cause"):
        execution.pop(gone, None)
    execution["_ended"] = threading.Event()
    execution.update(status="RUNNING", stopDate=None, output=None, redriveCount=execution.get("redriveCount", 0) + 1)
    _resume(steps, execution)
    return steps.json_response({"redriveDate": steps.now_iso()})


async def _until_ended(steps, data):
    """What is under way when an execution is stopped ends first: it must not be taken for a part of what follows."""
    execution = steps._executions.get(data.get("executionArn"))
    if execution is not None and execution["status"] != "RUNNING":
        await asyncio.to_thread(execution.setdefault("_ended", threading.Event()).wait, 600)


def install(app):
    from ministack.services import stepfunctions as steps

    for name in ("_run_distributed_map", "_run_sub_machine", "_execute_task", "_run_execution", "_call_lambda",
                 "_read_map_items", "_next_or_end", "_finalize_response", "error_response_json", "json_response",
                 "new_uuid", "now_iso", "_apply_result_selector"):
        assert callable(getattr(steps, name, None)), f"stepfunctions.{name} is gone"
    execute_task, call_lambda, run_execution = steps._execute_task, steps._call_lambda, steps._run_execution
    add_event = steps._add_event

    def execute_unless_stopped(state, raw_input, execution, ctx):
        parent = execution.get("_parent")
        if parent is not None and parent["status"] != "RUNNING":
            raise steps._ExecutionError("States.Runtime", "aborted")
        return execute_task(state, raw_input, execution, ctx)

    def call_if_allowed(func_ref, event):
        named = str(func_ref)
        # As a refusal was seen (awslabs/aws-deployment-framework#460).
        _require(steps, "lambda:InvokeFunction", named, "Lambda.AWSLambdaException")
        try:
            return call_lambda(func_ref, event)
        except steps._ExecutionError as error:
            raise _called_by_aws_names(steps, error) from error

    def run_as_role(exec_arn):
        execution = steps._executions.get(exec_arn)
        machine = execution and steps._state_machines.get(execution["stateMachineArn"])
        _role.set(machine and machine["roleArn"])
        try:
            return run_execution(exec_arn)
        finally:
            if execution is not None:
                execution.setdefault("_ended", threading.Event()).set()

    def add_event_and_tell(execution, event_type, details=None):
        started = _started.get()
        if started is not None and event_type.endswith("StateEntered"):
            started.set()
        return add_event(execution, event_type, details)

    steps._run_distributed_map = lambda *args: _run_map(steps, *args)
    steps._execute_task = execute_unless_stopped
    steps._call_lambda = call_if_allowed
    steps._run_execution = run_as_role
    steps._add_event = add_event_and_tell
    handle = app.SERVICE_HANDLERS["states"]

    async def handle_all(method, path, headers, body, query_params):
        if headers.get("x-amz-target", "").endswith(".RedriveExecution"):
            data = json.loads(body or b"{}")
            await _until_ended(steps, data)
            return steps._finalize_response(_redrive(steps, data))
        return await handle(method, path, headers, body, query_params)

    app.SERVICE_HANDLERS["states"] = handle_all
