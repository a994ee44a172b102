# CloudWatch alarms of one variant of a SageMaker endpoint, which a deployment can be rolled back by: ../alarms.md
#
#   terraform apply -var endpoint_name=my-endpoint

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.0"
    }
  }
}

variable "endpoint_name" {
  description = "Name of the endpoint; it need not exist yet"
  type        = string
}

variable "variant_name" {
  description = "Name of the variant, AllTraffic unless the deployment names its variants"
  type        = string
  default     = "AllTraffic"
}

variable "maximum_server_error_rate" {
  description = "Share of the requests that may be answered with 5xx"
  type        = number
  default     = 0.01
}

variable "maximum_client_error_rate" {
  description = "Share of the requests that may be answered with 4xx"
  type        = number
  default     = 0.2
}

variable "maximum_model_latency" {
  description = "Average latency of the model, in MICROSECONDS, half a second by default"
  type        = number
  default     = 500000
}

variable "notification_topic_arn" {
  description = "SNS topic that is told of every change; none when empty"
  type        = string
  default     = ""
}

variable "execution_role_name" {
  description = "Name, not ARN, of SageMaker's execution role, which is then allowed to read these alarms; none when empty"
  type        = string
  default     = ""
}

locals {
  alarms = {
    "5xx" = {
      description = "Too many requests are answered with 5xx - the container fails"
      metric_name = "Invocation5XXErrors"
      # 1 for each 5xx and 0 for each other answer: the average is the share.
      threshold = var.maximum_server_error_rate
      unit      = null
    }
    "latency" = {
      description = "The container takes too long for its answers"
      metric_name = "ModelLatency"
      threshold   = var.maximum_model_latency
      # SageMaker measures it in microseconds: a threshold of 500 would be half a millisecond.
      unit = "Microseconds"
    }
    "4xx" = {
      description = "Many requests are answered with 4xx - clients send what the model does not take"
      metric_name = "Invocation4XXErrors"
      threshold   = var.maximum_client_error_rate
      unit        = null
    }
  }
  actions = var.notification_topic_arn == "" ? [] : [var.notification_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "endpoint" {
  for_each = local.alarms

  alarm_name        = "${var.endpoint_name}-${var.variant_name}-${each.key}"
  alarm_description = each.value.description
  namespace         = "AWS/SageMaker"
  metric_name       = each.value.metric_name
  dimensions = {
    EndpointName = var.endpoint_name
    VariantName  = var.variant_name
  }
  statistic           = "Average"
  unit                = each.value.unit
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  # No requests, no data: not a reason to roll back.
  treat_missing_data = "notBreaching"
  alarm_actions      = local.actions
  ok_actions         = local.actions
}

resource "aws_iam_role_policy" "read_alarms" {
  count = var.execution_role_name == "" ? 0 : 1

  name = "${var.endpoint_name}-${var.variant_name}-alarms"
  role = var.execution_role_name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "cloudwatch:DescribeAlarms"
      Resource = [for alarm in aws_cloudwatch_metric_alarm.endpoint : alarm.arn]
    }]
  })
}

output "rollback_alarms" {
  description = "The value of the action's input rollback-alarms"
  value       = jsonencode([for name in ["5xx", "latency"] : aws_cloudwatch_metric_alarm.endpoint[name].alarm_name])
}

output "client_errors_alarm" {
  description = "The alarm on client errors, to be added to rollback-alarms where clients are your own"
  value       = aws_cloudwatch_metric_alarm.endpoint["4xx"].alarm_name
}
