"""Current Shopify access tokens out of Secrets Manager: read again before their end, and after a 401."""

import json
import threading
import time
from collections import defaultdict

import boto3
from botocore.exceptions import BotoCoreError

MAX_AGE, MARGIN, NEVER = 300, 60, 1 << 53  # seconds


class ShopifyTokens:
    def __init__(self, prefix, client=None):
        self._prefix, self._client = prefix, client or boto3.client("secretsmanager")
        self._kept, self._locks = {}, defaultdict(threading.Lock)  # store: (record, end, fresh until)

    def record(self, store):
        """The store's record; its access_token is never past its end."""
        record, _, fresh_until = self._kept.get(store, (None, 0, 0))
        return record if time.time() < fresh_until else self._read(store, record)

    def call(self, store, request):
        """request(record) -> answer with a status_code; after a 401 once more, if there is a newer token."""
        record = self.record(store)
        answer = request(record)
        if answer.status_code != 401:
            return answer
        try:
            newer = self._read(store, record)
        except Exception:
            return answer  # the refusal is what was asked about
        return answer if newer["access_token"] == record["access_token"] else request(newer)

    def _read(self, store, seen):
        with self._locks[store]:  # one read for all threads that wait
            record, end, fresh_until = self._kept.get(store, (None, 0, 0))
            if record is not seen and time.time() < fresh_until:
                return record
            try:
                secret = self._client.get_secret_value(SecretId=f"{self._prefix}/stores/{store}/token")
                record = json.loads(secret["SecretString"])
                end = int(record["expires_at_epoch"] or NEVER)
                self._kept[store] = (record, end, min(time.time() + MAX_AGE, end - MARGIN))
            except BotoCoreError:
                if record is None or time.time() >= end:
                    raise  # through an outage the token in memory serves, until its own end
            if time.time() >= end:
                raise LookupError(f"the token of {store} has ended: shopify-secrets status {store}")
            return record
