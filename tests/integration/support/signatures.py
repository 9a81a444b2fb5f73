"""The Standard Webhooks algorithm, and nothing of ours."""
import base64
import hashlib
import hmac


def is_signed_by(secret, request):
    content = request.body or request.target.encode()
    signed = f"{request.header('webhook-id')}.{request.header('webhook-timestamp')}.".encode() + content
    expected = base64.b64encode(hmac.new(base64.b64decode(secret), signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(one, f"v1,{expected}") for one in request.header("webhook-signature").split(" "))
