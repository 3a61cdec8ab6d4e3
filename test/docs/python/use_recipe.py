"""Uses the Python recipe of docs/consuming.md through a renewal, a revocation and the end of its age limit."""

import json
import runpy
import sys
import time

import boto3
import requests

recipe = runpy.run_path(sys.argv[1])
secrets = boto3.secrets_manager
URL = "https://acme.myshopify.com/admin/api/2026-10/graphql.json"


def current(token):
    secrets.value = json.dumps({"access_token": token, "graphql_url": URL})


def counts():
    return [len(secrets.asked), len(requests.sent)]


def call():
    status = recipe["graphql"]("acme", "{ shop { name } }").status_code
    return [status, *counts()]


current("first")
requests.live_token = "first"
seen = {"cold": call(), "kept": call()}

current("second")  # renewed: the first one goes on working
seen["renewed"] = call()
now = time.monotonic()
time.monotonic = lambda: now + 301
seen["past the age limit"] = call()[1:]

current("third")
requests.live_token = "third"  # revoked and renewed
seen["revoked"] = call()

requests.live_token = "none"  # dead: tried twice, and no more
seen["dead"] = call()

assert set(secrets.asked) == {"shopify/prod/stores/acme/token"}
assert {url for url, _, _ in requests.sent} == {URL}
print(json.dumps(seen))
