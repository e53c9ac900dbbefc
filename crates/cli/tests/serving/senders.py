"""What real senders send: each sends its events and prints, as JSON, what it sent.

    python senders.py NAME http://127.0.0.1:PORT TOKEN

`certificates` is no sender: with a folder in the place of the URL it writes what TLS needs there, and prints the SHA-256 of the
client's certificate.
"""

import json
import logging
import sys

name, url, token = sys.argv[1:]
COUNT = 25


def otlp():
    from opentelemetry._logs import SeverityNumber
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.resources import Resource

    exporter = OTLPLogExporter(
        endpoint=f"{url}/v1/logs", headers={"Authorization": f"Bearer {token}"}, compression=Compression.Gzip
    )
    provider = LoggerProvider(resource=Resource.create({"service.name": "決済"}))
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = logging.getLogger("audit")
    logger.setLevel(logging.INFO)
    logger.addHandler(LoggingHandler(logger_provider=provider))
    for n in range(COUNT):
        logger.info("返金 %d", n, extra={"user.name": "愛子", "event.action": "order.refunded", "order": n})
    assert provider.force_flush()
    provider.shutdown()
    return [f"返金 {n}" for n in range(COUNT)]


def elasticsearch():
    from elasticsearch import Elasticsearch
    from elasticsearch.helpers import bulk

    client = Elasticsearch(url, basic_auth=("shoseki", token), http_compress=True)
    assert client.info()["tagline"]
    documents = [
        {"@timestamp": f"2026-03-05T00:00:{n:02}Z", "message": f"ログイン {n}", "user": {"name": "mei"}}
        for n in range(COUNT)
    ]
    for _ in range(2):  # whoever sends a document again under its `_id` adds nothing
        actions = [{"_op_type": "create", "_index": "audit", "_id": str(n), **d} for n, d in enumerate(documents)]
        done, errors = bulk(client, actions, chunk_size=10)
        assert (done, errors) == (COUNT, [])
    return [document["message"] for document in documents]


def loki():
    import logging_loki

    handler = logging_loki.LokiHandler(
        url=f"{url}/loki/api/v1/push", tags={"app": "api"}, auth=("shoseki", token), version="1"
    )
    logger = logging.getLogger("loki")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    for n in range(COUNT):
        logger.info("閲覧 %d", n)
    return [f"閲覧 {n}" for n in range(COUNT)]


def structlog():
    import io

    import requests
    import structlog

    out = io.StringIO()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(out),
    )
    logger = structlog.get_logger()
    for n in range(COUNT):
        logger.info("order.refunded", user="愛子", order=n)
    lines = out.getvalue()
    answer = requests.post(
        f"{url}/ingest/shop", data=lines.encode(), headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert answer.json() == {"received": COUNT}, answer.text
    return lines.splitlines()


def certificates():
    import datetime
    import hashlib
    import ipaddress
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    now = datetime.datetime.now(datetime.timezone.utc)
    made = {}
    for who, by in (("ca", "ca"), ("server", "ca"), ("client", "ca"), ("stranger", "stranger")):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"shoseki test {who}")])
        issuer, signer = made.get(by, (name, key))
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=who in ("ca", "stranger"), path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        )
        certificate = builder.sign(signer, hashes.SHA256())
        made[who] = (name, key)
        pem = serialization.Encoding.PEM
        Path(url, f"{who}.crt").write_bytes(certificate.public_bytes(pem))
        Path(url, f"{who}.key").write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        if who == "client":
            shown = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
    return [shown]


def tls():
    """What each kind of caller hears: with a certificate, with a token, with neither, with another authority's."""
    import http.client
    import ssl

    folder, address = url.split("|")
    alert = json.dumps({"output": "x", "priority": "Notice", "rule": "r", "time": "2026-03-05T01:02:03Z"})
    heard = []
    for certificate, headers in (
        ("client", {}),
        (None, {"Authorization": f"Bearer {token}"}),
        (None, {}),
        ("stranger", {}),
    ):
        context = ssl.create_default_context(cafile=f"{folder}/ca.crt")
        if certificate:
            context.load_cert_chain(f"{folder}/{certificate}.crt", f"{folder}/{certificate}.key")
        try:
            connection = http.client.HTTPSConnection(address, context=context, timeout=10)
            connection.request("POST", "/falco", body=alert, headers=headers)
            heard.append(str(connection.getresponse().status))
        except (ssl.SSLError, OSError):
            heard.append("refused")
    return heard


print(json.dumps(globals()[name](), ensure_ascii=False))
