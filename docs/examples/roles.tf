# What a workflow needs in AWS to push an image and train with it: ../getting-started.md
#
#   terraform apply -var github_repository=my-org/my-model -var repository_name=my-model -var bucket_name=my-bucket \
#     -var job_name_prefix=my-model

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

variable "github_repository" {
  description = "Repository of the workflow, owner/name, in upper and lower case as GitHub shows it"
  type        = string
}

variable "github_branch" {
  description = "The one branch whose runs may take the role"
  type        = string
  default     = "main"
}

variable "github_environment" {
  description = "GitHub environment that the job names, in place of the branch; none when empty"
  type        = string
  default     = ""
}

variable "oidc_provider_arn" {
  description = "ARN of the account's provider for GitHub, of which there can be one only; made here when empty"
  type        = string
  default     = ""
}

variable "repository_name" {
  description = "Repository in ECR, the input repository"
  type        = string
}

variable "bucket_name" {
  description = "Bucket with the training data, which receives the models"
  type        = string
}

variable "job_name_prefix" {
  description = "What names of training jobs begin with, the name of the GitHub repository unless training-job-name says otherwise"
  type        = string
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account    = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.region
  repository = "arn:${local.partition}:ecr:${local.region}:${local.account}:repository/${var.repository_name}"
  provider   = var.oidc_provider_arn == "" ? aws_iam_openid_connect_provider.github[0].arn : var.oidc_provider_arn
  subject = (
    var.github_environment == ""
    ? "repo:${var.github_repository}:ref:refs/heads/${var.github_branch}"
    : "repo:${var.github_repository}:environment:${var.github_environment}"
  )
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.oidc_provider_arn == "" ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "workflow" {
  name        = "${var.job_name_prefix}-workflow"
  description = "Taken by runs of a GitHub workflow to push an image and to train with it"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        # Two equalities and no wildcard: each character that may vary is a run that may take the role.
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = local.subject
        }
      }
    }]
  })
}

# Each policy is as in ../permissions.md, under the same heading.
resource "aws_iam_role_policy" "push" {
  name = "push"
  role = aws_iam_role.workflow.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:DescribeRepositories",
          "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = local.repository
      },
    ]
  })
}

resource "aws_iam_role_policy" "create_repository" {
  name = "create-repository"
  role = aws_iam_role.workflow.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["ecr:CreateRepository", "ecr:TagResource"]
        Resource = local.repository
      },
    ]
  })
}

resource "aws_iam_role_policy" "train" {
  name = "train"
  role = aws_iam_role.workflow.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "sagemaker:AddTags",
          "sagemaker:CreateTrainingJob",
          "sagemaker:DescribeTrainingJob",
          "sagemaker:ListTags",
          "sagemaker:StopTrainingJob",
        ]
        Resource = "arn:${local.partition}:sagemaker:${local.region}:${local.account}:training-job/${var.job_name_prefix}-*"
      },
      {
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = aws_iam_role.execution.arn
        Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
      },
      {
        Effect   = "Allow"
        Action   = ["logs:DescribeLogStreams", "logs:GetLogEvents"]
        Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/sagemaker/TrainingJobs:*"
      },
      {
        Effect   = "Allow"
        Action   = ["pricing:GetProducts", "sagemaker:Search"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role" "execution" {
  name        = "${var.job_name_prefix}-execution"
  description = "Taken by SageMaker for the training jobs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  name = "the-execution-role"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"]
        Resource = "*"
      },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = local.repository
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/sagemaker/TrainingJobs*"
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "arn:${local.partition}:s3:::${var.bucket_name}/*"
      },
      {
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = "arn:${local.partition}:s3:::${var.bucket_name}"
      },
    ]
  })
}

output "workflow_role_arn" {
  description = "For role-to-assume of aws-actions/configure-aws-credentials"
  value       = aws_iam_role.workflow.arn
}

output "execution_role_arn" {
  description = "For the input execution-role-arn"
  value       = aws_iam_role.execution.arn
}

output "trusted_subject" {
  description = "The sub that GitHub's token must hold"
  value       = local.subject
}
