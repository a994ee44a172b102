# What workflows need in AWS to push an image, train with it, and deploy the model: ../getting-started.md
#
#   terraform apply -var github_repository=my-org/my-model -var repository_name=my-model -var bucket_name=my-bucket \
#     -var job_name_prefix=my-model

terraform {
  required_version = ">= 1.9"
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

variable "max_session_duration" {
  description = "Longest session of the workflow's roles in seconds, what role-duration-seconds may ask for"
  type        = number
  default     = 3600
}

variable "deploy_environment" {
  description = "GitHub environment whose jobs may approve, deploy and undeploy; when it is github_environment, one role does all; nobody when empty"
  type        = string
  default     = ""
}

variable "endpoint_name" {
  description = "Name in lower case of the endpoint, of the model package group and of the model card; to register and to deploy"
  type        = string
  default     = ""

  validation {
    condition     = var.endpoint_name != "" || (var.deploy_environment == "" && !var.register)
    error_message = "deploy_environment and register need endpoint_name."
  }
}

variable "register" {
  description = "Whether the workflow's role may register models"
  type        = bool
  default     = false
}

variable "keep_images" {
  description = "Whether the workflow's role may remove old images, for the input keep-images"
  type        = bool
  default     = false
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
  deploys = var.deploy_environment != ""
  # Jobs of one environment get one role: the workflow's.
  makes_deploy_role = local.deploys && var.deploy_environment != var.github_environment
  deploy_role       = local.makes_deploy_role ? aws_iam_role.deploy[0].id : aws_iam_role.workflow.id
  deploy_subject    = "repo:${var.github_repository}:environment:${var.deploy_environment}"
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.oidc_provider_arn == "" ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "workflow" {
  name                 = "${var.job_name_prefix}-workflow"
  description          = "Taken by runs of a GitHub workflow to push an image and to train with it"
  max_session_duration = var.max_session_duration
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

resource "aws_iam_role" "deploy" {
  count = local.makes_deploy_role ? 1 : 0

  name                 = "${var.job_name_prefix}-deploy"
  description          = "Taken by jobs of one GitHub environment to approve, deploy and undeploy"
  max_session_duration = var.max_session_duration
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = local.deploy_subject
        }
      }
    }]
  })
}

# What is wanted only sometimes: each as in ../permissions.md too.
resource "aws_iam_role_policy" "keep_images" {
  count = var.keep_images ? 1 : 0

  name = "keep-images"
  role = aws_iam_role.workflow.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchDeleteImage", "ecr:DescribeImages"]
        Resource = local.repository
      },
      {
        Effect   = "Allow"
        Action   = ["sagemaker:ListEndpoints", "sagemaker:ListModels", "sagemaker:ListTrainingJobs"]
        Resource = "*"
      },
      {
        Effect = "Allow"
        Action = [
          "sagemaker:DescribeEndpoint",
          "sagemaker:DescribeModel",
          "sagemaker:DescribeModelPackage",
          "sagemaker:DescribeTrainingJob",
        ]
        Resource = [
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint/*",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model/*",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model-package/*",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:training-job/*",
        ]
      },
    ]
  })
}

resource "aws_iam_role_policy" "register" {
  count = var.register ? 1 : 0

  name = "register"
  role = aws_iam_role.workflow.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "sagemaker:CreateModelPackage",
          "sagemaker:DescribeModelPackage",
          "sagemaker:DescribeModelPackageGroup",
          "sagemaker:ListModelPackages",
        ]
        Resource = [
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model-package-group/${var.endpoint_name}",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model-package/${var.endpoint_name}/*",
        ]
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "arn:${local.partition}:s3:::${var.bucket_name}/*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "create_model_package_group" {
  count = var.register ? 1 : 0

  name = "create-model-package-group"
  role = aws_iam_role.workflow.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["sagemaker:AddTags", "sagemaker:CreateModelPackageGroup"]
        Resource = "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model-package-group/${var.endpoint_name}"
      },
    ]
  })
}

resource "aws_iam_role_policy" "model_card" {
  count = var.register ? 1 : 0

  name = "model-card"
  role = aws_iam_role.workflow.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "sagemaker:AddTags",
          "sagemaker:CreateModelCard",
          "sagemaker:DescribeModelCard",
          "sagemaker:UpdateModelCard",
        ]
        Resource = "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model-card/${var.endpoint_name}"
      },
    ]
  })
}

resource "aws_iam_role_policy" "deploy_model_card" {
  count = var.register && local.makes_deploy_role ? 1 : 0

  name = "model-card"
  role = local.deploy_role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "sagemaker:AddTags",
          "sagemaker:CreateModelCard",
          "sagemaker:DescribeModelCard",
          "sagemaker:UpdateModelCard",
        ]
        Resource = "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model-card/${var.endpoint_name}"
      },
    ]
  })
}

resource "aws_iam_role_policy" "approve" {
  count = local.deploys ? 1 : 0

  name = "approve"
  role = local.deploy_role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages", "sagemaker:UpdateModelPackage"]
        Resource = [
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model-package-group/${var.endpoint_name}",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model-package/${var.endpoint_name}/*",
        ]
      },
    ]
  })
}

resource "aws_iam_role_policy" "deploy" {
  count = local.deploys ? 1 : 0

  name = "deploy"
  role = local.deploy_role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "sagemaker:AddTags",
          "sagemaker:CreateEndpoint",
          "sagemaker:CreateEndpointConfig",
          "sagemaker:CreateModel",
          "sagemaker:DeleteEndpoint",
          "sagemaker:DeleteEndpointConfig",
          "sagemaker:DeleteModel",
          "sagemaker:DescribeEndpoint",
          "sagemaker:DescribeEndpointConfig",
          "sagemaker:DescribeModel",
          "sagemaker:InvokeEndpoint",
          "sagemaker:ListTags",
          "sagemaker:UpdateEndpoint",
        ]
        Resource = [
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint/${var.endpoint_name}",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint-config/${var.endpoint_name}-*",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model/${var.endpoint_name}-*",
        ]
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
        Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/sagemaker/Endpoints/${var.endpoint_name}:*"
      },
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:${local.partition}:s3:::${var.bucket_name}/*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "remove_superseded" {
  count = local.deploys ? 1 : 0

  name = "remove-superseded"
  role = local.deploy_role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["sagemaker:ListEndpointConfigs", "sagemaker:ListEndpoints", "sagemaker:ListModels"]
        Resource = "*"
      },
      {
        Effect = "Allow"
        Action = ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"]
        Resource = [
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint/*",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint-config/*",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model/*",
        ]
      },
    ]
  })
}

resource "aws_iam_role_policy" "rollback_alarms" {
  count = local.deploys ? 1 : 0

  name = "rollback-alarms"
  role = local.deploy_role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "cloudwatch:DescribeAlarms"
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "shift" {
  count = local.deploys ? 1 : 0

  name = "shift"
  role = local.deploy_role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "sagemaker:DescribeEndpoint",
          "sagemaker:DescribeEndpointConfig",
          "sagemaker:ListTags",
          "sagemaker:UpdateEndpointWeightsAndCapacities",
        ]
        Resource = [
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint/${var.endpoint_name}",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint-config/${var.endpoint_name}-*",
        ]
      },
      {
        Effect   = "Allow"
        Action   = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "undeploy" {
  count = local.deploys ? 1 : 0

  name = "undeploy"
  role = local.deploy_role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["sagemaker:ListEndpointConfigs", "sagemaker:ListEndpoints", "sagemaker:ListModels"]
        Resource = "*"
      },
      {
        Effect = "Allow"
        Action = ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"]
        Resource = [
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint/*",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint-config/*",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model/*",
        ]
      },
      {
        Effect = "Allow"
        Action = ["sagemaker:DeleteEndpoint", "sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModel"]
        Resource = [
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint/${var.endpoint_name}",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:endpoint-config/${var.endpoint_name}-*",
          "arn:${local.partition}:sagemaker:${local.region}:${local.account}:model/${var.endpoint_name}-*",
        ]
      },
      {
        Effect = "Allow"
        Action = [
          "application-autoscaling:DeregisterScalableTarget",
          "application-autoscaling:DescribeScalableTargets",
        ]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role" "execution" {
  name        = "${var.job_name_prefix}-execution"
  description = "Taken by SageMaker for the training jobs and the endpoint"
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
        Effect = "Allow"
        Action = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [
          "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/sagemaker/Endpoints*",
          "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/sagemaker/TrainingJobs*",
        ]
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

resource "aws_iam_role_policy" "execution_alarms" {
  count = local.deploys ? 1 : 0

  name = "rollback-alarms"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "cloudwatch:DescribeAlarms"
        Resource = "*"
      },
    ]
  })
}

output "workflow_role_arn" {
  description = "For role-to-assume of aws-actions/configure-aws-credentials"
  value       = aws_iam_role.workflow.arn
}

output "deploy_role_arn" {
  description = "For role-to-assume in jobs of the environment deploy_environment"
  value = (
    !local.deploys ? null
    : local.makes_deploy_role ? aws_iam_role.deploy[0].arn
    : aws_iam_role.workflow.arn
  )
}

output "execution_role_arn" {
  description = "For the input execution-role-arn"
  value       = aws_iam_role.execution.arn
}

output "trusted_subject" {
  description = "The sub that GitHub's token must hold"
  value       = local.subject
}
