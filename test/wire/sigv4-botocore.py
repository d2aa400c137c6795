"""Prints requests as botocore signs them, one JSON object a line; sends none."""

import base64
import json
import sys
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config


def text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value


def show(name, method, url, headers, body):
    parts = urlsplit(url)
    headers = {text(key).lower(): text(value) for key, value in headers}
    headers.setdefault("host", parts.netloc)
    body = base64.b64encode(body or b"").decode()
    line = {"name": name, "method": method, "path": parts.path or "/", "query": parts.query, "headers": headers, "body": body}
    print(json.dumps(line))


def client(service, region, endpoint, token=None):
    access_key, secret = sys.argv[1:3]
    return botocore.session.Session().create_client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"max_attempts": 0}),
    )


def capture(name, of, operation, **parameters):
    def before_send(request, **_):
        body = request.body if isinstance(request.body, (bytes, type(None))) else request.body.encode()
        show(name, request.method, request.url, request.headers.items(), body)
        return AWSResponse(request.url, 400, {}, None)

    of.meta.events.register("before-send", before_send)
    try:
        getattr(of, operation)(**parameters)
    except Exception:
        pass


kms = ("kms", "eu-central-1")
capture("kms", client(*kms, "https://localhost:4566"), "encrypt", KeyId="alias/orders", Plaintext=b"attack at dawn")
capture("kms with a session token", client(*kms, "https://localhost:4566", "token/+=="), "list_keys", Limit=7)
capture("kms under a stage", client(*kms, "https://localhost:4566/v1/"), "list_keys")
capture("kms under an odd path", client(*kms, "http://localhost:4566/a%20b/%C3%A9~/"), "list_keys")
capture("sts", client("sts", "eu-central-1", "https://localhost:4566"), "get_caller_identity")
capture("iam", client("iam", "us-east-1", "https://localhost:4566"), "list_users", PathPrefix="/a b+c/")
for name, token in (("presigned", None), ("presigned with a session token", "token/+==")):
    of = client("sts", "eu-central-1", "https://localhost:4566", token)
    show(name, "GET", of.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET"), [], None)
