# An estate without evidence: every check of what Terraform can make fails once.

resource "aws_kms_key" "evidence" {
  description = "evidence"
  is_enabled  = false
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_cloudtrail" "main" {
  name                          = "trail"
  s3_bucket_name                = aws_s3_bucket.evidence.id
  enable_logging                = false
  include_global_service_events = false
  event_selector {
    read_write_type = "WriteOnly"
  }
}

resource "aws_s3_bucket" "evidence" {
  bucket = "hinode-evidence"
}

resource "aws_s3_bucket_policy" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      Resource  = "${aws_s3_bucket.evidence.arn}/*"
    }]
  })
}

# Takes access logs, but for its encryption; and keeps them for a month.
resource "aws_s3_bucket" "access" {
  bucket = "hinode-access"
}

resource "aws_s3_bucket_versioning" "access" {
  bucket = aws_s3_bucket.access.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "access" {
  bucket = aws_s3_bucket.access.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "access" {
  bucket                  = aws_s3_bucket.access.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "access" {
  bucket = aws_s3_bucket.access.id
  rule {
    id     = "month"
    status = "Enabled"
    filter {}
    expiration {
      days = 30
    }
  }
}

resource "aws_s3_bucket_policy" "access" {
  bucket = aws_s3_bucket.access.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.access.arn, "${aws_s3_bucket.access.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:DeleteObject*"
        Resource  = "${aws_s3_bucket.access.arn}/*"
      },
    ]
  })
}

resource "aws_s3_bucket" "shop" {
  bucket = "hinode-shop"
}

resource "aws_s3_bucket_logging" "shop" {
  bucket        = aws_s3_bucket.shop.id
  target_bucket = aws_s3_bucket.access.id
  target_prefix = "shop/"
}

resource "aws_config_configuration_recorder" "main" {
  name     = "default"
  role_arn = aws_iam_role.any.arn
  recording_group {
    all_supported  = false
    resource_types = ["AWS::S3::Bucket"]
  }
}

resource "aws_config_configuration_recorder_status" "main" {
  name       = aws_config_configuration_recorder.main.name
  is_enabled = false
}

resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/main/cluster"
  retention_in_days = 30
}

resource "aws_eks_cluster" "main" {
  name     = "main"
  role_arn = aws_iam_role.any.arn
  vpc_config {
    subnet_ids = []
  }
}

resource "aws_db_instance" "ledger" {
  identifier     = "ledger"
  engine         = "mariadb"
  instance_class = "db.m6g.large"
}

resource "aws_iam_role" "any" {
  name = "any"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_policy" "all" {
  name = "all"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
  })
}

resource "aws_guardduty_detector" "main" {
  enable = false
}
