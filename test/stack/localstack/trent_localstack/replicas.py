"""What CloudFormation makes in several Regions at once."""

from localstack.runtime import hooks


@hooks.on_infra_start()
def create_tables_one_by_one() -> None:
    """LocalStack 4.14 sends a growing list of replicas, so a global table with two or more fails to create."""
    from localstack.services.dynamodb.resource_providers.aws_dynamodb_globaltable import (
        DynamoDBGlobalTableProvider as Provider,
    )

    create = Provider.create

    def create_then_replicate(self, request):
        table = request.desired_state
        replicas = table.get("Replicas") or []
        first_call = not request.custom_context.get("repeated_invocation")
        table["Replicas"] = []
        event = create(self, request)
        table["Replicas"] = replicas
        for replica in replicas if first_call else []:
            if replica["Region"] != request.region_name:
                request.aws_client_factory.dynamodb.update_table(
                    TableName=table["TableName"], ReplicaUpdates=[{"Create": {"RegionName": replica["Region"]}}]
                )
        return event

    Provider.create = create_then_replicate


@hooks.on_infra_start()
def copy_secrets() -> None:
    """LocalStack 4.14 makes a secret in its own Region only, and its replicas cannot be read; so there, a secret of the same value stands for one."""
    from localstack.aws.connect import connect_to
    from localstack.services.secretsmanager.resource_providers.aws_secretsmanager_secret import (
        SecretsManagerSecretProvider as Provider,
    )

    create, delete = Provider.create, Provider.delete

    def others(request):
        regions = [replica["Region"] for replica in request.desired_state.get("ReplicaRegions") or []]
        return [connect_to(region_name=region).secretsmanager for region in regions]

    def create_all(self, request):
        event = create(self, request)
        name = request.desired_state["Name"]
        for other in others(request):
            value = request.aws_client_factory.secretsmanager.get_secret_value(SecretId=name)["SecretString"]
            other.create_secret(Name=name, SecretString=value)
        return event

    def delete_all(self, request):
        for other in others(request):
            other.delete_secret(SecretId=request.desired_state["Name"], ForceDeleteWithoutRecovery=True)
        return delete(self, request)

    Provider.create, Provider.delete = create_all, delete_all
