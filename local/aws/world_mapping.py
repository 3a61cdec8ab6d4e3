"""Makes ministack's event source mappings of SQS queues as strict as Lambda's, and tells the world's clock of them.

What CreateEventSourceMapping refuses: a role without the rights of a poller, a queue whose visibility timeout is
shorter than the function's (both in the words that Terraform's users report), more than ten messages without a
batching window (amazon.aws issue 1995), a starting position, a second mapping of the same two (chalice issue 2146).
A mapping passes through Creating, Updating and Deleting (API reference, EventSourceMappingConfiguration, `State`).

What the poller does: it has the rights of the function's role, now and not only at first. A batch fails whole or in
part (Lambda Developer Guide, "Handling errors for an SQS event source in Lambda", success and failure conditions),
and what failed, or was on a function that is asleep, comes again when its visibility timeout has passed. The
receipt is that of this receive: a message that was received again meanwhile is not deleted by it. A standard queue
delivers "at least once" (SQS Developer Guide, "Amazon SQS at-least-once delivery"); here twice, for every nth message,
where the world's settings ask for it.
"""

import contextvars
import itertools
import json
import math
import threading
import time

import world_lambda_sleep

_RIGHTS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_NO_WINDOW = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
_NO_QUEUE = ("Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
             "SQS Error Message: The specified queue does not exist for this wsdl version.")
_INTERNAL = ("Qualifier", "Tags", "LastProcessingResult")
_FAILED_PAUSE_SECONDS = 1.0

_polling = threading.Lock()
_twice_every = 0
_received = itertools.count(1)


def set_twice_every(count):
    global _twice_every, _received
    _twice_every, _received = int(count), itertools.count(1)


class Mappings:
    """Lambda's event source mappings whose source is a queue."""

    def __init__(self, lambda_svc, sqs, judge):
        self.lambda_svc = lambda_svc
        self.sqs = sqs
        self.judge = judge

    def missing_right(self, config, queue_arn):
        """The first right that the function's role lacks, as a poller of the queue."""
        for right in _RIGHTS:
            question = {"who": {"roleArn": config.get("Role", ""), "assumedBy": "lambda.amazonaws.com"},
                        "action": f"sqs:{right}", "resource": queue_arn}
            # The judge asks under an account and a region of its own.
            if not contextvars.copy_context().run(self.judge.answer, question)["allowed"]:
                return right
        return None

    def problem(self, mapping, config):
        """What Lambda has against a mapping of this function."""
        queue = self.sqs._queue_by_arn(mapping["EventSourceArn"])
        if mapping.get("BatchSize", 10) > 10 and not mapping.get("MaximumBatchingWindowInSeconds"):
            return _NO_WINDOW
        if queue is None:
            return _NO_QUEUE
        right = self.missing_right(config, mapping["EventSourceArn"])
        if right:
            return f"The provided execution role does not have permissions to call {right} on SQS"
        visible, timeout = int(queue["attributes"]["VisibilityTimeout"]), int(config.get("Timeout", 3))
        if visible < timeout:
            return f"Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds"
        return None

    def config_of(self, name, qualifier):
        return self.lambda_svc._get_func_record_for_qualifier(name, qualifier)[1]

    def refusal_at_first(self, data):
        name, qualifier, error = self.lambda_svc._resolve_existing_esm_function(data.get("FunctionName", ""))
        if error:
            return error
        if data.get("StartingPosition"):
            return self.lambda_svc._invalid_parameter_value("StartingPosition is not valid for SQS event sources.")
        problem = self.problem(data, self.config_of(name, qualifier))
        if problem:
            return self.lambda_svc._invalid_parameter_value(problem)
        for known in self.lambda_svc._esms.values():
            if (known["EventSourceArn"], known["FunctionName"]) == (data["EventSourceArn"], name):
                message = (f'An event source mapping with SQS arn (" {data["EventSourceArn"]} ") and function (" {name} ") '
                           f"already exists. Please update or delete the existing mapping with UUID {known['UUID']}")
                return self.lambda_svc.error_response_json("ResourceConflictException", message, 409)
        return None

    def refusal_later(self, mapping, data):
        name, qualifier = mapping["FunctionName"], mapping.get("Qualifier")
        if "FunctionName" in data:
            name, qualifier, error = self.lambda_svc._resolve_existing_esm_function(data["FunctionName"])
            if error:
                return error
        problem = self.problem({**mapping, **data}, self.config_of(name, qualifier))
        return problem and self.lambda_svc._invalid_parameter_value(problem)

    def failed_of(self, mapping, result, batch):
        """The IDs of the messages that are to come again."""
        every = {message["id"] for message in batch}
        if result.get("error"):
            return every
        if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
            return set()
        return _reported(result.get("body"), every)

    def run(self, mapping, function, event, batch, queue_url, queue_name):
        """One batch, on a thread of its own."""
        is_awake = world_lambda_sleep.call(mapping["FunctionName"])
        result = self.lambda_svc._execute_function(function, event) if is_awake else {"error": True}
        failed = self.failed_of(mapping, result, batch)
        if len(failed) == len(batch):
            self.lambda_svc._esm_backoff_until[mapping["UUID"]] = time.time() + _FAILED_PAUSE_SECONDS
        receipts = {message["receipt_handle"] for message in batch if message["id"] not in failed}
        if receipts and self.missing_right(function.get("config") or function, mapping["EventSourceArn"]) is None:
            self.sqs._delete_messages_for_esm(queue_url, receipts)

    def due(self):
        """When the next message is to be delivered, in milliseconds: now while one is worked on; None: none waits."""
        with _polling:
            now, times = time.time(), []
            for account, region, mapping in self.lambda_svc._iter_all_esms():
                contextvars.copy_context().run(self._due_of, account, region, mapping, times)
        if not times:
            return {"dueAtMs": None, "isBusy": False}
        is_busy = min(times) <= now
        if is_busy:
            self.lambda_svc.esm_wake.set()
        return {"dueAtMs": math.ceil((now if is_busy else min(times)) * 1000), "isBusy": is_busy}

    def _due_of(self, account, region, mapping, times):
        self.lambda_svc._request_account_id.set(account)
        self.lambda_svc._request_region.set(region)
        if self.lambda_svc._esm_inflight.get(mapping["UUID"], 0) > 0:
            times.append(0)
            return
        queue = self.sqs._queue_by_arn(mapping["EventSourceArn"])
        function, config = self.lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
        if queue is None or function is None or not mapping.get("Enabled", True):
            return
        if self.lambda_svc._sqs_esm_concurrency(mapping, function, config, queue) < 1:
            return
        with self.sqs._queues_lock:
            kept = int(queue["attributes"]["MessageRetentionPeriod"])
            times += [one["visible_at"] for one in queue["messages"] if one["visible_at"] < one["sent_at"] + kept]


def _reported(body, every):
    """What the function's answer says of its batch; an answer that says it wrongly fails the whole of it."""
    try:
        answer = json.loads(body) if isinstance(body, (str, bytes)) and body else body
    except ValueError:
        return every
    if not answer:
        return set()
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else False
    if failures is None or failures == []:
        return set()
    if not isinstance(failures, list):
        return every
    ids = {one.get("itemIdentifier") if isinstance(one, dict) else None for one in failures}
    return ids if ids <= every else every


def _is_queue(data):
    return ":sqs:" in str(data.get("EventSourceArn"))


def _in_state(answer, state):
    status, headers, body = answer
    if status >= 300:
        return answer
    return status, headers, json.dumps({**json.loads(body), "State": state}).encode()


def _patch_requests(lambda_svc, mappings):
    create, update = lambda_svc._create_esm, lambda_svc._update_esm
    describe = lambda_svc._esm_response

    def create_checked(data):
        refusal = mappings.refusal_at_first(data) if _is_queue(data) else None
        return refusal or _in_state(create(data), "Creating")

    def update_checked(uuid, data):
        mapping = lambda_svc._esms.get(uuid)
        refusal = mappings.refusal_later(mapping, data) if mapping and _is_queue(mapping) else None
        if refusal:
            return refusal
        status, headers, body = update(uuid, data)
        if mapping and data.get("ScalingConfig") == {}:
            mapping.pop("ScalingConfig", None)
        return _in_state((202 if status == 200 else status, headers, body), "Updating")

    def describe_as_aws(mapping):
        return {name: value for name, value in describe(mapping).items() if name not in _INTERNAL}

    lambda_svc._create_esm, lambda_svc._update_esm = create_checked, update_checked
    lambda_svc._esm_response = describe_as_aws


def _patch_poller(lambda_svc, sqs, mappings):
    poll, receive, concurrency = lambda_svc._poll_sqs, sqs._receive_messages_for_esm, lambda_svc._sqs_esm_concurrency

    def poll_alone():
        with _polling:
            return poll()

    def receive_copies(queue_url, most):
        with sqs._queues_lock:
            batch = [dict(message) for message in receive(queue_url, most)]
            first = [one for one in batch if _twice_every and not one.get("again")]
            twice = [one for one in first if next(_received) % _twice_every == 0]
            # Behind the others, and with a receipt of its own: deleting the one does not delete the other.
            again = {"visible_at": time.time(), "receipt_handle": None, "again": True}
            sqs._get_q(queue_url)["messages"] += [{**one, **again} for one in twice]
        return batch

    def concurrency_by_right(mapping, function, config, queue=None):
        if mappings.missing_right(config, mapping["EventSourceArn"]):
            return 0
        return concurrency(mapping, function, config, queue)

    lambda_svc._poll_sqs, sqs._receive_messages_for_esm = poll_alone, receive_copies
    lambda_svc._sqs_esm_concurrency = concurrency_by_right
    lambda_svc._run_sqs_batch = mappings.run


def install(judge):
    """Gives the question when the next message is due."""
    from ministack.services import lambda_svc, sqs

    source = open(lambda_svc.__file__, encoding="utf-8").read()
    for used in ("_esm_inflight.get(esm_id, 0) >= _sqs_esm_concurrency(esm, func_rec, _cfg, queue)",
                 "batch = _sqs._receive_messages_for_esm(queue_url, batch_size)",
                 "esm_id, _run_sqs_batch, esm, func_rec, {\"Records\": records}, batch, queue_url, queue_name"):
        assert used in source, "the poller of event source mappings"
    mappings = Mappings(lambda_svc, sqs, judge)
    _patch_requests(lambda_svc, mappings)
    _patch_poller(lambda_svc, sqs, mappings)
    return mappings.due
