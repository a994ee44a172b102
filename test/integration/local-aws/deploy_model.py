"""Deploys with the SageMaker Python SDK: Model.deploy, Predictor.predict, update_endpoint and the way back.

Arguments: image, role, bucket, model data, name of the endpoint. Prints what it saw as JSON, last.
"""

import json
import sys

import sagemaker
from sagemaker.deserializers import JSONDeserializer
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import JSONSerializer

image, role, bucket, data, name = sys.argv[1:]
session = sagemaker.Session(default_bucket=bucket)


def model(version: str) -> Model:
    return Model(
        image_uri=image,
        model_data=data,
        role=role,
        env={"VERSION": version},
        predictor_cls=Predictor,
        sagemaker_session=session,
    )


predictor = model("sdk").deploy(
    initial_instance_count=1,
    instance_type="ml.m5.large",
    endpoint_name=name,
    serializer=JSONSerializer(),
    deserializer=JSONDeserializer(),
)
first = predictor.predict({})
second_model = model("sdk-2")
second_model.create(instance_type="ml.m5.large")
predictor.update_endpoint(initial_instance_count=1, instance_type="ml.m5.large", model_name=second_model.name)
second = predictor.predict({})
predictor.delete_model()
predictor.delete_endpoint(delete_endpoint_config=True)
# The SDK's own signs of progress end without a line's end.
print()
print(json.dumps({"first": first, "second": second}))
