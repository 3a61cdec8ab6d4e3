"""Holds back a new role's rights, as real IAM does for some seconds.

"Changes that you make in IAM ... are eventually consistent" (IAM User Guide, "Changes that I make
are not always immediately visible"). After each change of IAM every role's policies are kept with
the time; a question is answered from what was true `delay` seconds ago. The default delay is 0.
"""

import time

_delay_seconds = 0.0
_history = {}  # (account, role name) -> [(time, policies), ...], oldest first
_READS = ("Get", "List", "Simulate", "Generate")


def set_delay_seconds(seconds):
    global _delay_seconds
    _delay_seconds = float(seconds)


def role_is_believed(account, role_name):
    """Whether the role has existed for longer than the delay."""
    entries = _history.get((account, role_name), [])
    return bool(entries) and (_delay_seconds == 0 or entries[0][0] <= time.time() - _delay_seconds)


def install(app):
    from ministack.core import iam_evaluator
    from ministack.services import iam

    gather = iam_evaluator._gather_role_policies
    assert callable(getattr(iam._roles, "to_dict", None)), "iam._roles.to_dict"

    def remember():
        present = set(iam._roles.to_dict())
        for key in [key for key in _history if key not in present]:
            del _history[key]
        for key in present:
            policies = gather(key[1], key[0])
            entries = _history.setdefault(key, [])
            if not entries or entries[-1][1] != policies:
                entries.append((time.time(), policies))

    def believed(role_name, account_id):
        if _delay_seconds == 0:
            return gather(role_name, account_id)
        limit = time.time() - _delay_seconds
        entries = _history.get((account_id, role_name), [])
        return next((policies for at, policies in reversed(entries) if at <= limit), [])

    iam_evaluator._gather_role_policies = believed
    handle = app.SERVICE_HANDLERS["iam"]

    async def handle_and_remember(method, path, headers, body, query_params):
        answer = await handle(method, path, headers, body, query_params)
        action = body.decode("latin-1").partition("Action=")[2]
        if not action.startswith(_READS):
            remember()
        return answer

    app.SERVICE_HANDLERS["iam"] = handle_and_remember
