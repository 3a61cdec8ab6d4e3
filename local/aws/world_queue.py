"""Makes ministack's SQS refuse what AWS refuses, and lose nothing.

Sources: SQS API reference, SendMessage (a delay of 0 to 900 seconds), SendMessageBatch (ten entries, 1 MiB
together, attributes included), CreateQueue (a name's form; "You must wait 60 seconds after deleting a queue
before you can create another queue with the same name"; SQS-owned encryption keys unless another is chosen),
GetQueueAttributes ("if you don't specify values for this parameter, the request returns empty results").
The words of the refusals are those that the tests of others recorded (moto, exceptions of its SQS).

The event loop and the poller of event source mappings both change a queue's list of messages; ministack's lock
covers the poller alone, so that a message which is sent while another is deleted could be lost.
"""

import functools
import re
import threading
import time

_NAME = re.compile(r"^[A-Za-z0-9_-]{1,80}$|^[A-Za-z0-9_-]{1,75}\.fifo$")
_LONGEST_DELAY_SECONDS = 900
_BATCH_BYTES = 1_048_576
_NAME_IS_FREE_AFTER_SECONDS = 60
_SETTABLE = {
    "ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue", "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "MaximumMessageSize", "MessageRetentionPeriod", "Policy",
    "ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled", "VisibilityTimeout",
}
_CHANGES_MESSAGES = (
    "_act_send_message", "_act_delete_message", "_act_change_visibility", "_act_delete_message_batch",
    "_act_change_visibility_batch", "_act_purge_queue", "_collect_msgs", "_expire_retained", "_dlq_sweep", "_refresh_counts",
)

_deleted_at = {}


def _bytes_of(message):
    attributes = (message.get("MessageAttributes") or {}).items()
    parts = [message.get("MessageBody") or ""]
    for name, value in attributes:
        parts += [name, value.get("DataType") or "", value.get("StringValue") or value.get("BinaryValue") or ""]
    return sum(len(part.encode() if isinstance(part, str) else part) for part in parts)


def _check_names(sqs, attributes):
    for name in attributes:
        if name not in _SETTABLE:
            raise sqs._Err("InvalidAttributeName", f"Unknown Attribute {name}.")


def _guard_sending(sqs):
    send, send_batch, check_entries = sqs._act_send_message, sqs._act_send_message_batch, sqs._validate_batch_entries

    def send_in_time(data, url):
        delay = data.get("DelaySeconds")
        if delay is not None and not 0 <= int(delay) <= _LONGEST_DELAY_SECONDS:
            raise sqs._Err("InvalidParameterValue", f"Value {delay} for parameter DelaySeconds is invalid. "
                           f"Reason: DelaySeconds must be >= 0 and <= {_LONGEST_DELAY_SECONDS}.")
        return send(data, url)

    def check_count(entries, entry_name):
        if len(entries) > sqs._BATCH_MAX_ENTRIES:
            raise sqs._Err("TooManyEntriesInBatchRequest", "Maximum number of entries per request are "
                           f"{sqs._BATCH_MAX_ENTRIES}. You have sent {len(entries)}.")
        check_entries(entries, entry_name)

    def send_short_batch(data, url):
        total = sum(_bytes_of(entry) for entry in data.get("Entries", []))
        if total > _BATCH_BYTES and len(data["Entries"]) <= sqs._BATCH_MAX_ENTRIES:
            raise sqs._Err("BatchRequestTooLong", f"Batch requests cannot be longer than {_BATCH_BYTES} bytes. "
                           f"You have sent {total} bytes.")
        return send_batch(data, url)

    sqs._act_send_message, sqs._act_send_message_batch = send_in_time, send_short_batch
    sqs._validate_batch_entries = check_count


def _guard_queues(sqs):
    create, delete = sqs._act_create_queue, sqs._act_delete_queue
    read, change = sqs._act_get_queue_attributes, sqs._act_set_queue_attributes

    def create_unless_taken(data, url):
        name, attributes = data.get("QueueName", ""), data.get("Attributes") or {}
        if name and not _NAME.match(name):
            raise sqs._Err("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. "
                           "1 to 80 in length")
        _check_names(sqs, attributes)
        if time.time() - _deleted_at.get(name, 0) < _NAME_IS_FREE_AFTER_SECONDS:
            raise sqs._Err("QueueDeletedRecently", "You must wait 60 seconds after deleting a queue before you can create "
                           "another with the same name.")
        made = create(data, url)
        attributes_of_queue = sqs._get_q(made["QueueUrl"])["attributes"]
        attributes_of_queue.setdefault("SqsManagedSseEnabled", "false" if "KmsMasterKeyId" in attributes else "true")
        return made

    def delete_and_remember(data, url):
        name = sqs._get_q(data.get("QueueUrl", url))["name"]
        answer = delete(data, url)
        _deleted_at[name] = time.time()
        return answer

    def read_what_is_asked(data, url):
        answer = read(data, url)
        return answer if data.get("AttributeNames") else {**answer, "Attributes": {}}

    def change_known(data, url):
        _check_names(sqs, data.get("Attributes") or {})
        return change(data, url)

    sqs._act_create_queue, sqs._act_delete_queue = create_unless_taken, delete_and_remember
    sqs._act_get_queue_attributes, sqs._act_set_queue_attributes = read_what_is_asked, change_known


def _serialize(sqs):
    sqs._queues_lock = threading.RLock()

    def alone(change):
        @functools.wraps(change)
        def change_alone(*args, **kwargs):
            with sqs._queues_lock:
                return change(*args, **kwargs)

        return change_alone

    for name in _CHANGES_MESSAGES:
        setattr(sqs, name, alone(getattr(sqs, name)))


def install():
    from ministack.services import sqs

    originals = {action: handler.__name__ for action, handler in sqs._HANDLERS.items()}
    assert {"_act_create_queue", "_act_send_message_batch"} <= set(originals.values()), "the handlers of SQS"
    assert "with _queues_lock:" in open(sqs.__file__, encoding="utf-8").read(), "the lock of SQS"
    _guard_sending(sqs)
    _guard_queues(sqs)
    _serialize(sqs)
    sqs._HANDLERS.update({action: getattr(sqs, name) for action, name in originals.items()})
