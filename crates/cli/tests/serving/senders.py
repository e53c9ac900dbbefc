"""What real senders send: each sends its events and prints, as JSON, what it sent.

    python senders.py NAME http://127.0.0.1:PORT TOKEN
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


print(json.dumps(globals()[name](), ensure_ascii=False))
