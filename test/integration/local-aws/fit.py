"""Trains with the SageMaker Python SDK: Estimator.fit, which follows the job and prints its log.

Arguments: image, role, bucket, folder with the training data. Prints `ARTIFACT <uri>` last.
"""

import sys

import sagemaker
from sagemaker.estimator import Estimator

image, role, bucket, folder = sys.argv[1:]
session = sagemaker.Session(default_bucket=bucket)
estimator = Estimator(
    image_uri=image,
    role=role,
    instance_count=1,
    instance_type="ml.m5.large",
    hyperparameters={"rounds": 7},
    metric_definitions=[{"Name": "loss", "Regex": "train_loss: ([0-9.]+)"}],
    output_path=f"s3://{bucket}/fitted",
    sagemaker_session=session,
)
estimator.fit(inputs={"train": session.upload_data(folder, key_prefix="fit")})
print("JOB", estimator.latest_training_job.name)
print("ARTIFACT", estimator.model_data)
