"""Pushes an image of this machine's engine to a new ECR repository, with boto3 and docker; prints its URI.

Arguments: image, repository, folder for Docker's configuration. The tag is taken off the engine again: who runs
the image must pull it.
"""

import base64
import os
import subprocess
import sys

import boto3

image, repository, config = sys.argv[1:]
ecr = boto3.client("ecr")
uri = ecr.create_repository(repositoryName=repository)["repository"]["repositoryUri"] + ":1"
login = ecr.get_authorization_token()["authorizationData"][0]
password = base64.b64decode(login["authorizationToken"]).split(b":", 1)[1]
environment = {**os.environ, "DOCKER_CONFIG": config}


def docker(*arguments: str, stdin: bytes | None = None) -> None:
    subprocess.run(["docker", *arguments], input=stdin, check=True, env=environment, stdout=subprocess.DEVNULL)


docker("login", "--username", "AWS", "--password-stdin", login["proxyEndpoint"], stdin=password)
docker("tag", image, uri)
docker("push", "--quiet", uri)
docker("rmi", uri)
print(uri)
