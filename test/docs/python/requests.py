"""What the Python recipe uses of requests: a Shopify that knows one live token."""

live_token = None
sent = []


class Answer:
    def __init__(self, status_code):
        self.status_code = status_code


def post(url, *, json, headers, timeout, allow_redirects):
    assert timeout > 0 and allow_redirects is False
    sent.append((url, json, headers["X-Shopify-Access-Token"]))
    return Answer(200 if headers["X-Shopify-Access-Token"] == live_token else 401)
