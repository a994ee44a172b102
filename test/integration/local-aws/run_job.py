"""Runs one training job with boto3 and prints all that can be seen of it, as JSON.

Standard input: {"request": CreateTrainingJob's request, "objects": {key: text to upload first}, "bucket": name,
"stop_on": text in a log line at which the job is stopped}
"""

import io
import json
import sys
import tarfile
import time

import boto3
from botocore.exceptions import ClientError

GROUP = "/aws/sagemaker/TrainingJobs"
logs = boto3.client("logs")
s3 = boto3.client("s3")
sagemaker = boto3.client("sagemaker")


def main() -> None:
    task = json.load(sys.stdin)
    bucket, name = task["bucket"], task["request"]["TrainingJobName"]
    for key, text in task.get("objects", {}).items():
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode("latin-1"))
    try:
        sagemaker.create_training_job(**task["request"])
    except ClientError as error:
        json.dump({"error": error.response["Error"], "streams": {}, "objects": {}}, sys.stdout)
        return
    stop_on = task.get("stop_on")
    while True:
        job = sagemaker.describe_training_job(TrainingJobName=name)
        if job["TrainingJobStatus"] not in ("InProgress", "Stopping"):
            break
        if stop_on and any(stop_on in line for lines in streams(name).values() for line in lines):
            sagemaker.stop_training_job(TrainingJobName=name)
            stop_on = None
        time.sleep(0.1)
    job.pop("ResponseMetadata")
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{name}/").get("Contents", [])
    objects = {entry["Key"][len(name) + 1 :]: content(bucket, entry["Key"]) for entry in found}
    json.dump({"job": job, "streams": streams(name), "objects": objects}, sys.stdout, default=str)


def streams(name: str) -> dict[str, list[str]]:
    """Return each stream of the job with its lines, in the order that CloudWatch Logs gives."""
    try:
        pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")
        names = [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
    except logs.exceptions.ResourceNotFoundException:
        return {}
    return {stream[len(name) + 1 :]: lines(stream) for stream in names}


def lines(stream: str) -> list[str]:
    """Return all lines of a stream."""
    found: list[str] = []
    options: dict[str, str] = {}
    while True:
        page = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True, **options)
        found += [event["message"] for event in page["events"]]
        if page["nextForwardToken"] == options.get("nextToken"):
            return found
        options = {"nextToken": page["nextForwardToken"]}


def content(bucket: str, key: str) -> object:
    """Return an object's text, or the files of an archive with their texts."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    if not key.endswith(".tar.gz"):
        return body.decode("latin-1")
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        files = [member for member in archive.getmembers() if member.isfile()]
        return {member.name: archive.extractfile(member).read().decode("latin-1") for member in files}


main()
