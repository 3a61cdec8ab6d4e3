"""Plays the scenarios of the readers' contract, read from standard input, with the Python example; prints what came of each step."""

import json
import sys
import time

from botocore.exceptions import BotoCoreError
from shopify_tokens import ShopifyTokens

now = 1_795_392_000.0
time.time = lambda: now


class Secrets:
    def __init__(self):
        self.values, self.reads, self.down = {}, 0, False

    def get_secret_value(self, *, SecretId):
        self.reads += 1
        if self.down:
            raise BotoCoreError("no answer")
        return {"SecretString": json.dumps(self.values[SecretId])}


class Answer:
    def __init__(self, status_code):
        self.status_code = status_code


def played(steps):
    world = {"secrets": Secrets(), "dead": set()}
    world["tokens"] = ShopifyTokens("p", world["secrets"])
    return [step_of(step, **world) for step in steps]


def step_of(step, secrets, tokens, dead):
    global now
    match step["do"]:
        case "renew":
            end = step.get("lifeSeconds")
            secrets.values[f"p/stores/{step['store']}/token"] = {
                "access_token": step["token"],
                "expires_at_epoch": "" if end is None else str(int(now + end)),
            }
        case "kill":
            dead.add(step["token"])
        case "pass":
            now += step["seconds"]
        case "outage":
            secrets.down = step["on"]
        case "call":
            sent, before = [], secrets.reads

            def request(record):
                sent.append(record["access_token"])
                return Answer(401 if record["access_token"] in dead else 200)

            try:
                outcome = tokens.call(step["store"], request).status_code
            except Exception:
                outcome = "error"
            return {"outcome": outcome, "sent": sent, "reads": secrets.reads - before}
    return None


print(json.dumps([played(steps) for steps in json.load(sys.stdin)]))
