import { randomBytes } from "@trent/crypto";
import { requireRoom } from "#domain/entity";
import { ID_BYTES, uniqueId } from "#domain/entity-id";
import { policyMetadata } from "#domain/entity-metadata";
import { requestTags, withEntityTags } from "#domain/entity-tags";
import { Fault } from "#domain/fault";
import { entityArn, partitionIn } from "#domain/iam-arn";
import { newResource } from "#domain/iam-resource";
import { acceptManaged, POLICIES } from "#domain/managed-policy";
import { NO_USE } from "#domain/policy-use";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { policy, policyDescription, policyDocument, policyName, policyPath, tags } from "#wire/iam-members";
import { required, structure, withDefault } from "#wire/shape";

/** Makes a managed policy, attached to nobody yet. */
export const createPolicy = operation({
  name: "CreatePolicy",
  quota: own,
  permission: "iam:CreatePolicy",
  resource: ({ Path, PolicyName }, facts) => newResource("policy", Path, PolicyName, facts),
  also: ({ Tags }) => (Tags?.length ? ["iam:TagPolicy"] : []),
  conditions: requestTags,
  uses: { principals: "write" },
  input: structure({
    PolicyName: required(policyName),
    Path: withDefault(policyPath, "/"),
    PolicyDocument: required(policyDocument),
    Description: policyDescription,
    Tags: tags,
  }),
  output: structure({ Policy: policy }),
  errors: [
    "InvalidInputException",
    "LimitExceededException",
    "EntityAlreadyExistsException",
    "MalformedPolicyDocumentException",
    "ConcurrentModificationException",
    "ServiceFailureException",
  ],
  async handle({ input, caller, stores: { principals }, now }) {
    const { PolicyName: name, Path: path, Description: description } = input;
    const { account } = caller;
    const document = acceptManaged(input.PolicyDocument);
    if (await principals.policy(account, name))
      throw new Fault("EntityAlreadyExistsException", `A policy called ${name} already exists. Duplicate names are not allowed.`);
    requireRoom(await principals.policyCount(account, now), "PoliciesPerAccount", POLICIES);
    const made = {
      account,
      name,
      path,
      id: uniqueId("ANPA", randomBytes(ID_BYTES)),
      arn: entityArn(partitionIn(caller.arn), account, "policy", path, name),
      created: now,
      updated: now,
      ...(description !== undefined && { description }),
      versions: [{ id: "v1", document, created: now }],
      current: "v1",
      made: 1,
      tags: withEntityTags(new Map(), input.Tags ?? []),
      version: 0,
    };
    await principals.createPolicy(made);
    const { Description: _, ...metadata } = policyMetadata(made, NO_USE);
    return { Policy: metadata };
  },
});
