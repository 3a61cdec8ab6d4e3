"""Starts the pinned ministack as the AWS of the local world.

ministack runs everything but Secrets Manager. Fifteen things are changed before it serves, thirteen of them
in modules of their own: how policies are evaluated (world_policy.py), under which conditions (world_conditions.py) and on which resource
(world_resources.py) and permission (world_actions.py), when a change of IAM is believed (world_iam_delay.py), how a Node function
fails and logs (world_lambda.py), the states that functions show (world_lambda_states.py), that idle ones fall asleep (world_lambda_sleep.py), how an
HTTP API calls a function (world_gateway.py), what it refuses for what is there already (world_taken.py), what queues
refuse (world_queue.py), how they call functions (world_mapping.py, which the endpoint below installs), and how Step
Functions runs maps (world_step_functions.py). Here: nobody
fires schedules (the world's clock does), and a signature may be of any age (that clock jumps). It also
answers the world's questions about policies (world_endpoint.py). Each change first proves that the
internals it relies on are those it was written for; the process ends with code 3 when they are not.

Settings come from the environment: GATEWAY_PORT (the port on 127.0.0.1).
"""

import importlib.metadata
import os
import signal
import sys
import threading

PINNED = "1.5.33"

FIXED_SETTINGS = {
    "AUTH": "true",
    "BIND_HOST": "127.0.0.1",
    "LAMBDA_EXECUTOR": "local",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "PERSIST_STATE": "0",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}


def refuse(reason):
    sys.stderr.write(f"start_ministack: {reason}\n")
    sys.stderr.flush()
    os._exit(3)


def check_version():
    try:
        found = importlib.metadata.version("ministack")
    except importlib.metadata.PackageNotFoundError:
        refuse("ministack is not installed for this Python")
    if found != PINNED:
        refuse(f"ministack {PINNED} is needed, {found} is installed")


def end_group():
    """Ends this process and the functions' workers, which share its process group; nothing is to be saved."""
    if os.getpgrp() != os.getpid():
        os._exit(0)
    os.killpg(0, signal.SIGKILL)


def end_with_parent():
    """Standard input is a pipe that the parent holds: its end means that the parent is gone."""

    def watch():
        while sys.stdin.buffer.read(4096):
            pass
        end_group()

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


def stop_tickers():
    from ministack.services import eventbridge, scheduler

    for module in (eventbridge, scheduler):
        if not callable(getattr(module, "start_scheduler", None)):
            refuse(f"{module.__name__}.start_scheduler is gone")
        module.start_scheduler = lambda: None


def take_any_signing_time():
    """A request that is under way when the world's clock is moved was signed hours ago by its arrival."""
    from ministack.core import sigv4

    if not callable(getattr(sigv4, "request_time_failure", None)):
        refuse("sigv4.request_time_failure is gone")
    sigv4.request_time_failure = lambda signature, **_: None


def install():
    from ministack import app

    sys.dont_write_bytecode = True  # no __pycache__ beside our sources
    import world_actions
    import world_conditions
    import world_endpoint
    import world_gateway
    import world_iam_delay
    import world_lambda
    import world_lambda_sleep
    import world_lambda_states
    import world_policy
    import world_queue
    import world_resources
    import world_step_functions
    import world_taken

    sys.dont_write_bytecode = False
    if not app.AUTH:
        refuse("ministack did not take AUTH=true")
    stop_tickers()
    take_any_signing_time()
    world_lambda.install()
    world_lambda_states.install(app)
    world_lambda_sleep.install(app)
    world_iam_delay.install(app)
    world_policy.install()
    world_conditions.install()
    world_resources.install()
    world_actions.install()
    world_queue.install()
    judge = world_endpoint.install(app)
    world_gateway.install(judge.may_invoke)
    world_taken.install()
    world_step_functions.install(app)
    return app


def main():
    check_version()
    os.environ.update(FIXED_SETTINGS)
    sys.argv = ["ministack"]
    try:
        app = install()
    except (ImportError, AttributeError, AssertionError) as problem:
        refuse(f"ministack {PINNED} is not as expected: {problem}")
    end_with_parent()
    app.main()


if __name__ == "__main__":
    main()
