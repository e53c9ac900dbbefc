resource "aws_eks_cluster" "main" {
  name                      = var.name
  role_arn                  = aws_iam_role.trail.arn
  enabled_cluster_log_types = local.log_types

  vpc_config {
    subnet_ids              = []
    endpoint_private_access = true
    endpoint_public_access  = false
  }

  encryption_config {
    resources = ["secrets"]
    provider {
      key_arn = aws_kms_key.evidence.arn
    }
  }
}

resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = local.days
  kms_key_id        = aws_kms_key.evidence.arn
}

resource "aws_rds_cluster" "shop" {
  cluster_identifier              = "shop"
  engine                          = "aurora-postgresql"
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.shop.name
  enabled_cloudwatch_logs_exports = ["postgresql"]
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.evidence.arn
  deletion_protection             = true
}

resource "aws_rds_cluster_instance" "shop" {
  count              = 2
  identifier         = "shop-${count.index}"
  cluster_identifier = aws_rds_cluster.shop.id
  engine             = "aurora-postgresql"
  instance_class     = "db.r6g.large"
}

resource "aws_rds_cluster_parameter_group" "shop" {
  name   = "shop"
  family = "aurora-postgresql16"
  dynamic "parameter" {
    for_each = {
      "shared_preload_libraries" = "pgaudit"
      "pgaudit.log"              = "ddl,role,write"
    }
    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}

resource "aws_db_instance" "ledger" {
  identifier                      = "ledger"
  engine                          = "mariadb"
  instance_class                  = "db.m6g.large"
  option_group_name               = aws_db_option_group.ledger.name
  enabled_cloudwatch_logs_exports = ["audit", "error"]
  storage_encrypted               = true
  deletion_protection             = true
}

resource "aws_db_option_group" "ledger" {
  name                 = "ledger"
  engine_name          = "mariadb"
  major_engine_version = "11.4"
  option {
    option_name = "MARIADB_AUDIT_PLUGIN"
  }
}
