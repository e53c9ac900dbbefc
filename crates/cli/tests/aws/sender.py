"""What AWS and its users do, by boto3: `sender.py ENDPOINT ACTION …`."""

import json
import sys

import boto3

endpoint, action, *arguments = sys.argv[1:]


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def queue(name):
    """A queue: its URL and its ARN."""
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return sqs, url, arn


if action == "queue-of-bucket":  # S3 tells a queue of each new object, and another one by way of a topic
    bucket, straight, by_topic = arguments
    client("s3").create_bucket(Bucket=bucket)
    _, first, arn = queue(straight)
    _, second, second_arn = queue(by_topic)
    sns = client("sns")
    topic = sns.create_topic(Name=by_topic)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=second_arn)
    created = ["s3:ObjectCreated:*"]
    client("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn, "Events": created}],
            "TopicConfigurations": [{"TopicArn": topic, "Events": created}],
        },
    )
    print(json.dumps([first, second]))
elif action == "put":  # an object, from standard input
    bucket, key = arguments
    client("s3").put_object(Bucket=bucket, Key=key, Body=sys.stdin.buffer.read())
elif action == "send":  # messages to a queue, one a line of standard input
    (url,) = arguments
    for line in sys.stdin.read().splitlines():
        client("sqs").send_message(QueueUrl=url, MessageBody=line)
elif action == "waiting":  # how many messages a queue has, also those that somebody is reading
    (url,) = arguments
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    print(sum(int(found[name]) for name in names))
elif action == "log":  # events of a log stream: [[milliseconds, message], …] from standard input
    group, stream = arguments
    logs = client("logs")
    for make, name in ((logs.create_log_group, {}), (logs.create_log_stream, {"logStreamName": stream})):
        try:
            make(logGroupName=group, **name)
        except logs.exceptions.ResourceAlreadyExistsException:
            pass
    events = [{"timestamp": time, "message": message} for time, message in json.load(sys.stdin)]
    for start in range(0, len(events), 1000):
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events[start : start + 1000])
elif action == "log-group":  # a log group in which nothing is
    (group,) = arguments
    client("logs").create_log_group(logGroupName=group)
elif action == "log-events":  # the messages of a log stream, one a line
    group, stream = arguments
    pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, logStreamNames=[stream])
    for page in pages:
        for event in page["events"]:
            print(event["message"])
elif action == "rds-log":  # what stands in a log file of a database
    database, name = arguments
    rds, marker, more = client("rds"), "0", True
    while more:
        portion = rds.download_db_log_file_portion(
            DBInstanceIdentifier=database, LogFileName=name, Marker=marker, NumberOfLines=7
        )
        marker, more = portion["Marker"], portion["AdditionalDataPending"]
        sys.stdout.buffer.write(portion["LogFileData"].encode())
elif action == "rds-files":  # the databases, and the log files of one
    (database,) = arguments
    rds = client("rds")
    pages = rds.get_paginator("describe_db_instances").paginate()
    print(json.dumps([one["DBInstanceIdentifier"] for page in pages for one in page["DBInstances"]]))
    files = rds.describe_db_log_files(DBInstanceIdentifier=database)["DescribeDBLogFiles"]
    print(json.dumps([[one["LogFileName"], one["Size"]] for one in files]))
else:
    sys.exit(f"no such action: {action}")
