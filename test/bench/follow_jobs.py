"""Follows training jobs with the SageMaker Python SDK, each in a thread of its own, and prints their logs.

Arguments: `<job>` or `<job>=<access key id>`, one for each job.
"""

import sys
import threading

import boto3
import sagemaker


def follow(argument: str) -> None:
    """Follow one job until the SDK says that it is over."""
    job, _, key = argument.partition("=")
    keys = {"aws_access_key_id": key, "aws_secret_access_key": "any"} if key else {}
    session = sagemaker.Session(boto_session=boto3.Session(**keys), default_bucket="bench")
    session.logs_for_job(job, wait=True)


threads = [threading.Thread(target=follow, args=[argument]) for argument in sys.argv[1:]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
