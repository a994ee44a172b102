"""Registers a model with the SageMaker Python SDK, and makes, loads and changes a model card.

Arguments: image, role, bucket, key of the model archive, name of the model package group, name of the model card.
Prints what it saw as JSON, in its last line.
"""

import json
import sys

import sagemaker
from sagemaker.metadata_properties import MetadataProperties
from sagemaker.model import Model
from sagemaker.model_card import (
    AdditionalInformation,
    Environment,
    EvaluationJob,
    HyperParameter,
    IntendedUses,
    Metric,
    MetricGroup,
    ModelCard,
    ModelOverview,
    ModelPackage,
    TrainingDetails,
    TrainingJobDetails,
    TrainingMetric,
)
from sagemaker.model_metrics import MetricsSource, ModelMetrics

image, role, bucket, key, group, card_name = sys.argv[1:]
session = sagemaker.Session(default_bucket=bucket)
model = Model(image_uri=image, model_data=f"s3://{bucket}/{key}", role=role, sagemaker_session=session)


def register(**options: object) -> str:
    """Register the model once more and return the ARN of its version."""
    return model.register(
        content_types=["application/json"],
        response_types=["application/json"],
        inference_instances=["ml.m5.large"],
        transform_instances=["ml.m5.large"],
        model_package_group_name=group,
        **options,
    ).model_package_arn


first = register(
    model_metrics=ModelMetrics(
        model_statistics=MetricsSource(content_type="application/json", s3_uri=f"s3://{bucket}/{key}.metrics.json")
    ),
    metadata_properties=MetadataProperties(commit_id="abc", repository="us/model"),
    customer_metadata_properties={"ref": "refs/tags/v1"},
)
second = register(approval_status="Approved")

card = ModelCard(
    name=card_name,
    status="Draft",
    model_overview=ModelOverview(
        model_name="iris",
        model_artifact=[f"s3://{bucket}/{key}"],
        inference_environment=Environment(container_image=[image]),
    ),
    intended_uses=IntendedUses(purpose_of_model="tests", risk_rating="Low"),
    training_details=TrainingDetails(
        training_observations="none",
        training_job_details=TrainingJobDetails(
            training_arn="arn",
            training_datasets=[f"s3://{bucket}/train"],
            training_environment=Environment(container_image=[image]),
            training_metrics=[TrainingMetric(name="loss", value=0.1)],
            hyper_parameters=[HyperParameter(name="rounds", value="7")],
        ),
    ),
    evaluation_details=[
        EvaluationJob(
            name="evaluation",
            metric_groups=[MetricGroup(name="g", metric_data=[Metric(name="accuracy", type="number", value=0.9)])],
        )
    ],
    additional_information=AdditionalInformation(custom_details={"commit": "abc"}),
    sagemaker_session=session,
)
arn = card.create()
loaded = ModelCard.load(card_name, sagemaker_session=session)
loaded.intended_uses.risk_rating = "High"
loaded.update(status="PendingReview")
again = ModelCard.load(card_name, sagemaker_session=session)
details = ModelPackage.from_model_package_arn(second, sagemaker_session=session)

print(
    json.dumps(
        {
            "packages": [first, second],
            "card": arn,
            "created": [loaded.version, loaded.model_overview.model_name],
            "updated": [again.version, again.status.value, again.intended_uses.risk_rating.value],
            "package_details": [details.model_package_version, details.model_package_group_name],
        }
    )
)
