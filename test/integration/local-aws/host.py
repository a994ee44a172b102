"""Hosts a model with boto3, from create_model to invoke_endpoint and back, and prints what it saw as JSON.

Arguments: image, role, model data, name of everything.
"""

import json
import sys

import boto3

image, role, data, name = sys.argv[1:]
sagemaker = boto3.client("sagemaker")
runtime = boto3.client("sagemaker-runtime")

sagemaker.create_model(
    ModelName=name,
    ExecutionRoleArn=role,
    PrimaryContainer={"Image": image, "ModelDataUrl": data, "Environment": {"VERSION": "boto3"}},
    Tags=[{"Key": "made-by", "Value": "boto3"}],
)
sagemaker.create_endpoint_config(
    EndpointConfigName=name,
    ProductionVariants=[
        {"VariantName": "AllTraffic", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    ],
)
arn = sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)["EndpointArn"]
sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
answer = runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Accept="text/csv", Body=b"a,b")
stream = runtime.invoke_endpoint_with_response_stream(
    EndpointName=name, ContentType="application/json", Body=json.dumps({"pieces": ["one", "two", "three"]})
)
pieces = [event["PayloadPart"]["Bytes"].decode() for event in stream["Body"]]
try:
    runtime.invoke_endpoint(EndpointName=name, ContentType="application/json", Body=b'{"status": 503}')
    error = {}
except runtime.exceptions.ModelError as refused:
    error = {key: refused.response[key] for key in ("OriginalStatusCode", "OriginalMessage", "LogStreamArn")}
seen = {
    "arn": arn,
    "tags": sagemaker.list_tags(ResourceArn=sagemaker.describe_model(ModelName=name)["ModelArn"])["Tags"],
    "answer": answer["Body"].read().decode(),
    "contentType": answer["ContentType"],
    "variant": answer["InvokedProductionVariant"],
    "pieces": pieces,
    "streamType": stream["ContentType"],
    "error": error,
}
sagemaker.delete_endpoint(EndpointName=name)
sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
sagemaker.delete_endpoint_config(EndpointConfigName=name)
sagemaker.delete_model(ModelName=name)
print(json.dumps(seen))
